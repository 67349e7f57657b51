package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSequence;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Several images in one prompt: what the reference's InstructBlipVideo computes of as many frames
 * with the same weights, by every task; and who refuses them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SeveralImagesContract {
  private static final GenerationOptions TWELVE =
      GenerationOptions.builder().maxNewTokens(12).build();

  @TempDir static Path folder;

  private final SharedModels models = new SharedModels(this::open);

  /** The backend under test. */
  protected abstract Backend backend();

  static List<String> checkpoints() {
    return Fixtures.INSTRUCTED;
  }

  private Blip2 open(String name) {
    return Blip2.builder()
        .model(Fixtures.directory(name))
        .backend(backend().id())
        .device(Device.CPU)
        .threads(1)
        .cacheDirectory(folder)
        .load();
  }

  @AfterAll
  void closeAll() {
    models.close();
  }

  private static Golden golden(String name) {
    return new Golden(Fixtures.directory(name), "several");
  }

  private static ImageSource image(String name) {
    return ImageSource.of(Fixtures.image(name));
  }

  private static ImageSequence sequence(Golden.Case one) {
    return new ImageSequence(one.images().stream().map(n -> (ImageInput) image(n)).toList());
  }

  private static GenerationRequest request(Golden.Case one, ImageInput images) {
    return new GenerationRequest(images, prompt(one), one.options());
  }

  private static String prompt(Golden.Case one) {
    return Objects.requireNonNull(one.prompts()).get(0);
  }

  private static List<Integer> ids(Blip2 blip2, ImageInput images, String prompt) {
    GenerationRequest request = new GenerationRequest(images, prompt, TWELVE);
    return blip2.generate(List.of(request)).get(0).get(0).tokenIds();
  }

  /** Features of each image in its place, and the logits that follow them. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void tensorsAreTheReferences(String name) {
    Golden golden = golden(name);
    try (Loaded it = new Loaded(backend(), Fixtures.directory(name), golden, folder)) {
      List<Golden.Case> cases = golden.cases("several");
      assertThat(cases).hasSize(5);
      for (int i = 0; i < cases.size(); i++) {
        Golden.Case one = cases.get(i);
        List<float[]> each =
            one.images().stream().map(n -> it.read(n, prompt(one)).projected()).toList();
        float[] features = new float[each.size() * each.get(0).length];
        for (int k = 0; k < each.size(); k++) {
          System.arraycopy(each.get(k), 0, features, k * each.get(k).length, each.get(k).length);
        }
        String where = name + "/" + i;
        Tolerance.PROJECTED.check(where, golden.tensor(i + "/projected"), features);
        float[] logits = new float[it.checkpoint.config().text().vocabularySize()];
        try (LanguageSession session = it.model.language().open(1, 100)) {
          session.append(features, new int[][] {it.tokens(prompt(one))}, logits);
          Tolerance.LOGITS.check(where, golden.tensor(i + "/first_logits"), logits);
        }
      }
    }
  }

  /** All cases in one call, with two, three and four images, and one that is about one. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void everyCaseIsTheReferences(String name) {
    List<Golden.Case> cases = golden(name).cases("several");
    Blip2 blip2 = models.of(name);
    List<GenerationRequest> requests = new ArrayList<>();
    cases.forEach(c -> requests.add(request(c, sequence(c))));
    requests.add(new GenerationRequest(image("tiny.png"), "a photo of", TWELVE));
    List<List<GeneratedText>> texts = blip2.generate(requests);
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    for (int i = 0; i < cases.size(); i++) {
      Golden.Case one = cases.get(i);
      assertThat(texts.get(i)).hasSameSizeAs(one.newIds());
      for (int row = 0; row < one.newIds().size(); row++) {
        GeneratedText text = texts.get(i).get(row);
        assertThat(text.tokenIds())
            .as("%s %s", name, one)
            .isEqualTo(one.expected(row, checkpoint.config().text().endTokens()));
        assertThat(text.text()).isEqualTo(one.texts().get(row));
        if (one.scores() != null) {
          assertThat(text.score()).isCloseTo(one.scores().get(row), within(1e-4));
        }
      }
    }
    assertThat(texts.get(0).get(0).text()).as("order").isNotEqualTo(texts.get(1).get(0).text());
    assertThat(texts.get(5).get(0).tokenIds())
        .isEqualTo(ids(blip2, image("tiny.png"), "a photo of"));
  }

  /** However they come: encoded together, each by itself, from a file, within one another. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void encodedImagesAndSequencesOfThemAreTheSame(String name) {
    Golden.Case one = golden(name).cases("several").get(1);
    ImageSequence images = sequence(one);
    Blip2 blip2 = models.of(name);
    List<Integer> expected = ids(blip2, images, prompt(one));
    EncodedImage together = blip2.encode(images);
    Path file = folder.resolve(name + ".safetensors");
    together.save(file);
    EncodedImage first = blip2.encode(images.images().get(0));
    List<ImageInput> same =
        List.of(
            together,
            EncodedImage.load(file),
            ImageSequence.of(first, images.images().get(1)),
            ImageSequence.of(ImageSequence.of(first), images.images().get(1)),
            ImageSequence.of(together));
    for (ImageInput input : same) {
      assertThat(ids(blip2, input, prompt(one))).isEqualTo(expected);
      GenerationRequest request = new GenerationRequest(input, prompt(one), TWELVE);
      assertThat(blip2.stream(request, piece -> {}).tokenIds()).isEqualTo(expected);
    }
    assertThat(ids(blip2, ImageSequence.of(first), prompt(one)))
        .isEqualTo(ids(blip2, first, prompt(one)))
        .isNotEqualTo(expected);
    assertThat(ids(blip2, ImageSequence.of(together, first), prompt(one))).isNotEqualTo(expected);
  }

  /** A turn is about all images, also of a conversation from a file. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void conversationsAndRanksAreAboutAll(String name) {
    Golden.Case one = golden(name).cases("several").get(1);
    ImageSequence images = sequence(one);
    Blip2 blip2 = models.of(name);
    ChatOptions options = ChatOptions.defaults().withGeneration(TWELVE);
    Path file = folder.resolve(name + "-chat.safetensors");
    try (ChatSession chat = blip2.chat(images, options)) {
      for (String question : List.of("what changed?", "where?")) {
        String whole = options.template().prompt(chat.history(), question);
        assertThat(chat.ask(question).tokenIds()).isEqualTo(ids(blip2, images, whole));
      }
      chat.save(file);
      String next = options.template().prompt(chat.history(), "why?");
      try (ChatSession again = blip2.restoreChat(file, TWELVE)) {
        assertThat(again.ask("why?").tokenIds()).isEqualTo(ids(blip2, images, next));
      }
    }
    List<RankedAnswer> both = blip2.ranker().score(images, prompt(one), List.of("cat", "dog"));
    List<RankedAnswer> encoded =
        blip2.ranker().score(blip2.encode(images), prompt(one), List.of("cat", "dog"));
    List<RankedAnswer> alone =
        blip2.ranker().score(images.images().get(0), prompt(one), List.of("cat", "dog"));
    assertThat(encoded.get(0).logProbability())
        .isCloseTo(both.get(0).logProbability(), within(1e-4));
    assertThat(Math.abs(alone.get(0).logProbability() - both.get(0).logProbability()))
        .isGreaterThan(1e-3);
  }

  /** Positions are counted for all images before any is encoded. */
  @Test
  void moreThanFitAreRefusedBeforeAnyWork() {
    ImageInput missing = ImageSource.of(folder.resolve("missing.png"));
    ImageSequence many = new ImageSequence(Collections.nCopies(43, missing));
    Blip2 blip2 = models.of("tiny-instructblip-vicuna");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blip2.caption(many, "a photo of"))
        .withMessageContaining("must leave room within 256 positions");
  }

  /** Where the Q-Former looks is seen of one image at a time. */
  @Test
  void attentionIsOfOneImage() {
    Blip2 blip2 = models.of("tiny-instructblip-t5");
    ImageSequence two = ImageSequence.of(image("tiny.png"), image("gray.png"));
    for (ImageInput several : List.of(two, blip2.encode(two))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blip2.attention(several))
          .withMessageContaining("images (2) must be 1 to see where the Q-Former looks");
    }
    assertThat(blip2.attention(ImageSequence.of(image("tiny.png"))).weights())
        .isEqualTo(blip2.attention(image("tiny.png")).weights());
  }

  /** What has learnt to write about one image, or to match, takes one. */
  @Test
  void otherCheckpointsTakeOneImage() {
    ImageSequence two = ImageSequence.of(image("tiny.png"), image("gray.png"));
    ImageSequence one = ImageSequence.of(image("tiny.png"));
    Blip2 opt = models.of("tiny-opt");
    for (Runnable task :
        List.<Runnable>of(
            () -> opt.caption(two),
            () -> opt.encode(two),
            () -> opt.chat(two),
            () -> opt.rank(two, "a", List.of("cat")),
            () -> opt.stream(new GenerationRequest(two, null, TWELVE)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(task::run)
          .withMessageContaining("images (2) must be 1 for this checkpoint")
          .withMessageContaining("InstructBLIP");
    }
    assertThat(opt.caption(one).tokenIds()).isEqualTo(opt.caption(image("tiny.png")).tokenIds());
    Blip2 itm = models.of("tiny-itm");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> itm.matcher().match(two, List.of("a cat")))
        .withMessageContaining("images (2) must be 1");
  }
}
