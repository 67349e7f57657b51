package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Execution;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A family that no backend knows: through all that sessions must do, and through every task of the
 * facade with the arrays' tokens.
 */
@SuppressWarnings("NullAway.Init")
public abstract class ToyFamilyContract extends SessionContract {
  private static final String LANDSCAPE = "landscape.png";
  private static final GenerationOptions OPTIONS =
      GenerationOptions.builder().maxNewTokens(12).build();
  private static final GenerationOptions BEAMS =
      GenerationOptions.builder().maxNewTokens(8).numBeams(3).build();

  private Blip2 blip2;
  private Loaded arrays;

  @Override
  protected Path directory() {
    return ToyCheckpoint.write(cache.resolve("toy"));
  }

  @BeforeAll
  void loadAgain() {
    Path directory = it.checkpoint.directory();
    blip2 =
        Blip2.builder()
            .model(directory)
            .backend(backend().id())
            .device(Device.CPU)
            .threads(1)
            .cacheDirectory(cache)
            .load();
    Execution one = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    arrays = new Loaded(new ArrayBackend(), directory, it.golden, cache, one);
  }

  @AfterAll
  void closeAgain() {
    blip2.close();
    arrays.close();
  }

  @Test
  void logitsAreThoseOfTheArrays() {
    float[] expected = new float[vocabulary];
    try (var session = arrays.model.language().open(1, ROOMY)) {
      session.append(cat, new int[][] {{START, 30, 31, 32}}, expected);
    }
    tolerance().check("toy", expected, fresh(cat, START, 30, 31, 32));
  }

  private static ImageSource image() {
    return ImageSource.of(Fixtures.image(LANDSCAPE));
  }

  private List<Integer> expected(@Nullable String prompt, GenerationOptions options) {
    return arrays.generate(List.of(arrays.prompt(LANDSCAPE, prompt, options))).get(0);
  }

  @Test
  void captionsAndAnswersAreTheArrays() {
    assertThat(blip2.captioner().withOptions(OPTIONS).caption(image()).tokenIds())
        .isEqualTo(expected(null, OPTIONS));
    assertThat(
            blip2.promptedCaptioner("a photo of").withOptions(OPTIONS).caption(image()).tokenIds())
        .isEqualTo(expected("a photo of", OPTIONS));
    assertThat(blip2.vqa().withOptions(OPTIONS).ask(image(), "what is this?").tokenIds())
        .isEqualTo(expected("Question: what is this? Answer:", OPTIONS));
  }

  @Test
  void beamsAndBatchesAreTheArrays() {
    GenerationRequest first = new GenerationRequest(image(), "a photo of", BEAMS);
    GenerationRequest second = new GenerationRequest(image(), null, OPTIONS);
    List<List<GeneratedText>> texts = blip2.generate(List.of(first, second));
    assertThat(texts.get(0).get(0).tokenIds()).isEqualTo(expected("a photo of", BEAMS));
    assertThat(texts.get(1).get(0).tokenIds()).isEqualTo(expected(null, OPTIONS));
  }

  @Test
  void streamedAndFromAKeptPrefixIsTheSame() {
    EncodedImage encoded = blip2.encode(image());
    for (int i = 0; i < 2; i++) { // the second starts from the kept keys and values
      GenerationRequest request = new GenerationRequest(encoded, "a photo of", OPTIONS);
      assertThat(blip2.stream(request, piece -> {}).tokenIds())
          .isEqualTo(expected("a photo of", OPTIONS));
    }
  }

  @Test
  void aConversationGoesBackAndForks() {
    ChatOptions options = ChatOptions.defaults().withGeneration(OPTIONS);
    try (ChatSession chat = blip2.chat(image(), options)) {
      List<Integer> first = chat.ask("what is this?").tokenIds();
      assertThat(first).isEqualTo(expected("Question: what is this? Answer:", OPTIONS));
      List<Integer> second = chat.ask("where?").tokenIds();
      chat.undo();
      try (ChatSession fork = chat.fork()) {
        assertThat(fork.ask("where?").tokenIds()).isEqualTo(second);
      }
      assertThat(chat.ask("where?").tokenIds()).isEqualTo(second);
    }
  }

  @Test
  void rankedAnswersAreInOrder() {
    List<RankedAnswer> ranked =
        blip2.rank(image(), "a photo of", List.of("a cat", "a dog", "two", "a photo of a cat"));
    assertThat(ranked)
        .hasSize(4)
        .isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
    assertThat(ranked).allMatch(a -> a.score() < 0);
  }
}
