package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.AnswerRanker;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.retrieval.ScoredLabel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must give through the facade, beyond single texts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class TaskContract {
  @TempDir static Path folder;

  private final SharedModels models = new SharedModels(this::open);

  /** The backend under test. */
  protected abstract String backendId();

  /** What else it is loaded with. */
  protected Blip2Builder with(Blip2Builder builder) {
    return builder;
  }

  private Blip2 open(String name) {
    return with(Blip2.builder())
        .model(Fixtures.directory(name))
        .backend(backendId())
        .device(Device.CPU)
        .threads(1)
        .cacheDirectory(folder)
        .imageCache(1 << 20)
        .load();
  }

  @AfterAll
  void closeAll() {
    models.close();
  }

  private static JsonNode golden(String checkpoint, String file) {
    try {
      Path path = Fixtures.directory(checkpoint).resolve(file);
      return new ObjectMapper().readTree(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ImageSource image(String name) {
    return ImageSource.of(Fixtures.image(name));
  }

  private static List<Integer> ids(JsonNode array) {
    List<Integer> ids = new ArrayList<>();
    array.forEach(id -> ids.add(id.intValue()));
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void aConversationIsTheReferences(String name) {
    Blip2 blip2 = models.of(name);
    EncodedImage encoded = blip2.encode(image("landscape.png"));
    Path file = folder.resolve("image.safetensors");
    encoded.save(file);
    converse(blip2, name, false, encoded);
    converse(blip2, name, true, EncodedImage.load(file));
  }

  /** Plays the script, every answer streamed or none, with a fork and a restored copy beside it. */
  private void converse(Blip2 blip2, String name, boolean streamed, EncodedImage source) {
    JsonNode script = golden(name, "dialogue.json");
    GenerationOptions five =
        GenerationOptions.builder().maxNewTokens(script.get("max_new_tokens").intValue()).build();
    ChatOptions options = ChatOptions.defaults().withGeneration(five);
    int asked = 0;
    try (ChatSession chat = blip2.chat(source, options)) {
      for (JsonNode step : script.get("steps")) {
        switch (step.get("action").textValue()) {
          case "undo" -> chat.undo();
          case "edit" -> {
            List<ChatTurn> turns = new ArrayList<>(chat.history());
            int turn = step.get("turn").intValue();
            String answer = step.get("answer").textValue();
            turns.set(turn, new ChatTurn(turns.get(turn).question(), answer));
            chat.history(turns);
          }
          default -> {
            String question = step.get("question").textValue();
            assertThat(options.template().prompt(chat.history(), question))
                .isEqualTo(step.get("prompt").textValue());
            List<Integer> expected = ids(step.get("new_ids"));
            try (ChatSession fork = chat.fork();
                ChatSession restored = restored(blip2, chat, five)) {
              assertThat(fork.ask(question).tokenIds()).as("fork").isEqualTo(expected);
              assertThat(restored.ask(question).tokenIds()).as("restored").isEqualTo(expected);
            }
            GeneratedText answer = streamed ? stream(chat, question) : chat.ask(question);
            assertThat(answer.tokenIds()).as(question).isEqualTo(expected);
            assertThat(answer.text()).isEqualTo(step.get("text").textValue());
            assertThat(chat.keptTokens() > 0).isEqualTo(name.equals("tiny-opt"));
            asked++;
          }
        }
      }
      assertThat(asked).isEqualTo(6);
      assertThat(chat.history()).hasSize(5);
    }
  }

  private ChatSession restored(Blip2 blip2, ChatSession chat, GenerationOptions generation) {
    Path file = folder.resolve("chat.safetensors");
    chat.save(file);
    return blip2.restoreChat(file, generation);
  }

  private static GeneratedText stream(ChatSession chat, String question) {
    try (Generation generation = chat.askStreaming(question)) {
      assertThatIllegalStateException().isThrownBy(() -> chat.ask("what?"));
      while (generation.hasNext()) {
        generation.next();
      }
      return generation.result().orElseThrow();
    }
  }

  @Test
  void aConversationClosedAtAnyPointGoesOnOrIsGone() {
    Blip2 blip2 = models.of("tiny-opt");
    ChatSession chat = blip2.chat(image("landscape.png"));
    String first = chat.ask("how many cats are there?").text();
    for (int pieces = 0; pieces < 4; pieces++) {
      try (Generation half = chat.askStreaming("where are they?")) {
        for (int i = 0; i < pieces; i++) {
          half.next();
        }
      }
      assertThat(chat.history()).hasSize(1); // what was not read to its end was not said
    }
    try (ChatSession again = blip2.chat(image("landscape.png"))) {
      again.history(List.of(new ChatTurn("how many cats are there?", first)));
      assertThat(chat.ask("where are they?").tokenIds())
          .isEqualTo(again.ask("where are they?").tokenIds());
    }
    chat.close();
    chat.close();
    assertThatIllegalStateException().isThrownBy(() -> chat.ask("where are they?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void rankingIsTheReferences(String name) {
    JsonNode golden = golden(name, "ranking.json");
    List<String> texts = new ArrayList<>();
    golden.get("candidates").forEach(c -> texts.add(c.get("text").textValue()));
    assertThat(texts).hasSize(200);
    Blip2 blip2 = models.of(name);
    AnswerRanker ranker = blip2.ranker();
    ImageSource source = image(golden.get("image").textValue());
    String prompt = golden.get("prompt").textValue();
    List<RankedAnswer> scored = ranker.score(source, prompt, texts);
    List<RankedAnswer> open = ranker.withEndToken(false).score(source, prompt, texts);
    double sum = 0;
    for (int i = 0; i < texts.size(); i++) {
      JsonNode expected = golden.get("candidates").get(i);
      RankedAnswer found = scored.get(i);
      assertThat(found.text()).isEqualTo(texts.get(i));
      assertThat(found.tokenIds()).isEqualTo(ids(expected.get("token_ids")));
      assertThat(found.logProbability())
          .as(found.text())
          .isCloseTo(expected.get("log_probability").doubleValue(), close(found));
      assertThat(open.get(i).logProbability())
          .isCloseTo(expected.get("without_end").doubleValue(), close(found));
      sum += found.probability();
    }
    assertThat(sum).isCloseTo(1, within(1e-9));
    checkOrder(scored, golden.get("candidates"));
    List<RankedAnswer> ranked = blip2.rank(source, prompt, texts);
    assertThat(ranked.stream().map(RankedAnswer::text))
        .containsExactlyInAnyOrderElementsOf(texts)
        .isNotEqualTo(texts);
    assertThat(ranked)
        .isSortedAccordingTo(Comparator.comparingDouble(RankedAnswer::score).reversed());
    List<String> some = texts.subList(0, 20);
    RankedAnswer mean = ranker.withLengthNormalization(true).rank(source, prompt, some).get(0);
    assertThat(mean.score())
        .isCloseTo(mean.logProbability() / mean.tokenIds().size(), within(1e-12));
    assertThat(ranker.classify(source, prompt, some).stream().map(ScoredLabel::label))
        .containsExactlyElementsOf(
            ranked.stream().map(RankedAnswer::text).filter(some::contains).toList());
  }

  /**
   * 1e-4, relative where the sum is beyond 1: the reference's own float32 is 1.2e-4 off a
   * double-precision sum of ten tokens that is 91.
   */
  private static Offset<Double> close(RankedAnswer answer) {
    return within(1e-4 * Math.max(1, Math.abs(answer.logProbability())));
  }

  /** The order is the reference's wherever it leaves a gap of more than 1e-3. */
  private static void checkOrder(List<RankedAnswer> scored, JsonNode golden) {
    for (int i = 0; i < scored.size(); i++) {
      for (int j = 0; j < scored.size(); j++) {
        double a = golden.get(i).get("log_probability").doubleValue();
        double b = golden.get(j).get("log_probability").doubleValue();
        if (a > b + 1e-3) {
          assertThat(scored.get(i).probability()).isGreaterThan(scored.get(j).probability());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void encodedCachedAndForkedImagesGiveTheSameTexts(String name) {
    Golden golden = new Golden(Fixtures.directory(name));
    try (Blip2 blip2 = open(name)) { // with caches of its own
      List<Integer> ends = List.of(name.equals("tiny-opt") ? TinyOpt.END : TinyT5.END);
      for (String kind : List.of("caption", "greedy", "beam4-early", "repetition")) {
        for (Golden.Case c : golden.cases(kind)) {
          EncodedImage source = blip2.encode(image(c.images().get(0)));
          String prompt = c.prompts() == null ? null : Objects.requireNonNull(c.prompts()).get(0);
          GenerationRequest request = new GenerationRequest(source, prompt, c.options());
          for (int round = 0; round < 2; round++) { // computes a beginning, then uses it
            GeneratedText text = blip2.generate(List.of(request)).get(0).get(0);
            assertThat(text.tokenIds()).as("%s", c).isEqualTo(c.expected(0, ends));
          }
        }
      }
      CacheStatistics images = blip2.imageCacheStatistics();
      assertThat(images.entries()).isEqualTo(11);
      assertThat(images.misses()).isEqualTo(11);
      assertThat(images.hits()).isPositive();
      CacheStatistics prefixes = blip2.prefixCacheStatistics();
      assertThat(prefixes.hits() > 0).isEqualTo(name.equals("tiny-opt"));
    }
  }

  @Test
  void severalQuestionsAboutOneImageAreThoseOneByOne() {
    List<String> questions =
        List.of("how many cats are there?", "where are they?", "what is in the cup?", "what?");
    for (String name : List.of("tiny-opt", "tiny-t5")) {
      Blip2 blip2 = models.of(name);
      EncodedImage source = blip2.encode(image("portrait.png"));
      List<GeneratedText> together = blip2.vqa().ask(source, questions);
      for (int i = 0; i < questions.size(); i++) {
        GeneratedText alone = blip2.ask(image("portrait.png"), questions.get(i));
        assertThat(together.get(i).tokenIds()).isEqualTo(alone.tokenIds());
      }
    }
  }

  @Test
  void largerImagesHaveInterpolatedPositions() {
    JsonNode golden = golden("tiny-opt", "interpolated.json");
    assertThat(golden).hasSize(4);
    for (int side : List.of(84, 42)) {
      try (Blip2 blip2 =
          Blip2.builder()
              .model(Fixtures.directory("tiny-opt"))
              .backend(backendId())
              .device(Device.CPU)
              .threads(1)
              .cacheDirectory(folder)
              .imageSize(side)
              .load()) {
        for (String name : List.of("landscape.png", "portrait.png")) {
          GenerationOptions twelve = GenerationOptions.builder().maxNewTokens(12).build();
          GeneratedText text = blip2.captioner().withOptions(twelve).caption(image(name));
          assertThat(text.tokenIds()).isEqualTo(ids(golden.get(side + "/" + name)));
        }
      }
    }
    assertThatThrownBy(
            () -> Blip2.builder().model(Fixtures.directory("tiny-opt")).imageSize(50).load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("patch_size (14) must divide image_size (50)");
  }

  @Test
  void aImageOfAnotherCheckpointIsRefused() {
    Path file = folder.resolve("other.safetensors");
    models.of("tiny-opt-bf16").encode(image("landscape.png")).save(file);
    Blip2 blip2 = models.of("tiny-opt");
    EncodedImage foreign = EncodedImage.load(file);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blip2.caption(foreign))
        .withMessageContaining("expected one of checkpoint");
    assertThatIllegalArgumentException().isThrownBy(() -> blip2.chat(foreign));
  }

  @Test
  void imagesAndTextsMatchAsInTheReference() {
    JsonNode cases = golden("tiny-itm", "golden.json").get("cases");
    Blip2 blip2 = models.of("tiny-itm");
    for (JsonNode golden : cases) {
      List<String> texts = new ArrayList<>();
      golden.get("texts").forEach(t -> texts.add(t.textValue()));
      List<Match> matches = blip2.matcher().match(image(golden.get("image").textValue()), texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(matches.get(i).itmProbability())
            .isCloseTo(golden.get("itm_probability").get(i).doubleValue(), within(1e-4));
        assertThat(matches.get(i).itcSimilarity())
            .isCloseTo(golden.get("itc_similarity").get(i).doubleValue(), within(1e-4));
      }
    }
  }
}
