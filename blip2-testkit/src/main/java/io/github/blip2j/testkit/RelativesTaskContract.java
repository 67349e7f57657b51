package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.AnswerRanker;
import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** BLIP-2's relatives through the facade: every task gives the reference's tokens. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RelativesTaskContract {
  private static final String LANDSCAPE = "landscape.png";
  private static final GenerationOptions SIXTEEN =
      GenerationOptions.builder().maxNewTokens(16).build();

  @TempDir static Path folder;

  private final SharedModels models = new SharedModels(this::open);

  /** The backend under test. */
  protected abstract String backendId();

  static List<String> checkpoints() {
    return Fixtures.RELATIVES;
  }

  private Blip2 open(String name) {
    return Blip2.builder()
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

  private static ImageSource image(String name) {
    return ImageSource.of(Fixtures.image(name));
  }

  private static GenerationRequest request(Golden.Case golden, ImageInput image) {
    return new GenerationRequest(image, prompt(golden), golden.options());
  }

  private static String prompt(Golden.Case golden) {
    return Objects.requireNonNull(golden.prompts()).get(0);
  }

  private static List<Integer> expected(String name, Golden.Case golden) {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    return golden.expected(0, checkpoint.config().text().endTokens());
  }

  /** Other images, prompts and numbers of beams in one call. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void batchesAreTheReferences(String name) {
    Golden golden = new Golden(Fixtures.directory(name));
    List<Golden.Case> cases = golden.cases("greedy", "beam3", "repetition");
    Blip2 blip2 = models.of(name);
    List<GenerationRequest> requests =
        cases.stream().map(c -> request(c, image(c.images().get(0)))).toList();
    List<List<GeneratedText>> texts = blip2.generate(requests);
    for (int i = 0; i < cases.size(); i++) {
      assertThat(texts.get(i).get(0).tokenIds())
          .as("%s %s", name, cases.get(i))
          .isEqualTo(expected(name, cases.get(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void encodedSavedAndStreamedImagesGiveTheSameTexts(String name) {
    Golden golden = new Golden(Fixtures.directory(name));
    Path file = folder.resolve("image.safetensors");
    Blip2 blip2 = models.of(name);
    boolean instructed = name.contains("instruct");
    long hits = blip2.prefixCacheStatistics().hits();
    for (Golden.Case one : golden.cases("greedy").subList(0, 2)) {
      EncodedImage encoded = blip2.encode(image(one.images().get(0)));
      // What a Q-Former reads with an instruction cannot be read before there is one.
      assertThat(encoded.queries().length).isEqualTo(instructed ? 0 : 6);
      encoded.save(file);
      EncodedImage saved = EncodedImage.load(file);
      for (int round = 0; round < 2; round++) { // a prefix cache serves the second
        assertThat(blip2.generate(List.of(request(one, saved))).get(0).get(0).tokenIds())
            .isEqualTo(expected(name, one));
        assertThat(blip2.stream(request(one, encoded), piece -> {}).tokenIds())
            .isEqualTo(expected(name, one));
      }
    }
    boolean kept = !instructed && !encodes(name);
    assertThat(blip2.prefixCacheStatistics().hits() > hits).isEqualTo(kept);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void defaultsAreThePublishedOnes(String name) {
    boolean instructed = name.contains("instruct");
    Blip2 blip2 = models.of(name);
    List<Integer> caption =
        blip2.captioner().withOptions(SIXTEEN).caption(image(LANDSCAPE)).tokenIds();
    String asked = instructed ? "A short image caption." : null;
    assertThat(caption).isEqualTo(tokens(blip2, asked)).isNotEqualTo(tokens(blip2, "a photo of"));
    String template = instructed ? "Question: {} Short Answer:" : "Question: {} Answer:";
    assertThat(blip2.vqa().template()).isEqualTo(template);
    assertThat(blip2.vqa().withOptions(SIXTEEN).ask(image(LANDSCAPE), "where?").tokenIds())
        .isEqualTo(tokens(blip2, template.replace("{}", "where?")));
  }

  private static boolean encodes(String name) {
    return Checkpoint.open(Fixtures.directory(name)).config().text().encoderDecoder();
  }

  private static List<Integer> tokens(Blip2 blip2, @Nullable String prompt) {
    GenerationRequest request = new GenerationRequest(image(LANDSCAPE), prompt, SIXTEEN);
    return blip2.generate(List.of(request)).get(0).get(0).tokenIds();
  }

  /** Each turn answers as a prompt of its own would that says all before it. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void aConversationAnswersAsItsWholePromptDoes(String name) {
    ChatOptions options = ChatOptions.defaults().withGeneration(SIXTEEN);
    Blip2 blip2 = models.of(name);
    try (ChatSession chat = blip2.chat(image(LANDSCAPE), options)) {
      for (String question : List.of("what is this?", "where?", "why?")) {
        String whole = options.template().prompt(chat.history(), question);
        List<Integer> alone = tokens(blip2, whole);
        try (ChatSession fork = chat.fork()) {
          Generation answer = fork.askStreaming(question);
          answer.forEachRemaining(piece -> {});
          assertThat(answer.result().orElseThrow().tokenIds()).isEqualTo(alone);
        }
        assertThat(chat.ask(question).tokenIds()).as(whole).isEqualTo(alone);
      }
      chat.undo();
      assertThat(chat.history()).hasSize(2);
      boolean kept = !name.contains("instruct") && !encodes(name);
      assertThat(chat.keptTokens() > 0).isEqualTo(kept);
    }
  }

  /** The Q-Former reads 64 tokens, fewer than the language model does. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void whatTheQFormerCannotReadIsRefusedOrLeftOut(String name) {
    if (!name.contains("instruct")) {
      return;
    }
    String many = "cat ".repeat(70);
    Blip2 blip2 = models.of(name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blip2.caption(image(LANDSCAPE), many))
        .withMessageContaining("the prompt's tokens for the Q-Former")
        .withMessageContaining("must be at most 64");
    List<ChatTurn> turns = Collections.nCopies(20, new ChatTurn("what is this?", "a cat"));
    ChatOptions latest = ChatOptions.defaults().withContext(512, ContextPolicy.DROP_OLDEST);
    try (ChatSession chat = blip2.chat(image(LANDSCAPE), latest.withGeneration(SIXTEEN))) {
      chat.history(turns);
      assertThat(chat.ask("where?").tokenIds()).isNotEmpty();
    }
    ChatOptions all = ChatOptions.defaults().withContext(512, ContextPolicy.REFUSE);
    try (ChatSession chat = blip2.chat(image(LANDSCAPE), all)) {
      chat.history(turns);
      assertThatIllegalArgumentException().isThrownBy(() -> chat.ask("where?"));
    }
  }

  /** Log-probabilities are those that the oracle finds token by token. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void rankedAnswersHaveTheProbabilitiesOfTheirTokens(String name) {
    Path directory = Fixtures.directory(name);
    Golden golden = new Golden(directory);
    Golden.Case one = golden.cases("greedy").get(0);
    ImageSource image = image(one.images().get(0));
    List<String> candidates = List.of("a cat", "the", "two", "a dog");
    Blip2 blip2 = models.of(name);
    try (Loaded oracle = new Loaded(new ArrayBackend(), directory, golden, folder)) {
      float[] features = oracle.read(one.images().get(0), prompt(one)).projected();
      List<RankedAnswer> scored = blip2.ranker().score(image, prompt(one), candidates);
      for (RankedAnswer answer : scored) {
        double expected = logProbability(oracle, one, features, answer.tokenIds());
        assertThat(answer.logProbability())
            .as("%s %s", name, answer.text())
            .isCloseTo(expected, within(1e-4 * Math.max(1, Math.abs(expected))));
      }
      List<Double> scores =
          blip2.rank(image, prompt(one), candidates).stream().map(RankedAnswer::score).toList();
      assertThat(scores).isSortedAccordingTo(Collections.reverseOrder()).hasSize(4);
    }
  }

  /** They are what the tokenizer makes of prompt and candidate together. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void rankedAnswersStandBehindTheirPromptAsInOneText(String name) {
    if (encodes(name)) {
      return;
    }
    String prompt = "Question: how many cats? Answer:";
    Blip2 blip2 = models.of(name);
    List<String> candidates = List.of("two", "a cat", "three dogs");
    AnswerRanker ranker = blip2.ranker().withEndToken(false);
    for (RankedAnswer answer : ranker.score(image(LANDSCAPE), prompt, candidates)) {
      List<Integer> row = new ArrayList<>(blip2.tokenizer().encodePrompt(prompt));
      row.addAll(answer.tokenIds());
      assertThat(row)
          .as("%s %s", name, answer.text())
          .isEqualTo(blip2.tokenizer().encodePrompt(prompt + " " + answer.text()));
    }
  }

  private static double logProbability(
      Loaded oracle, Golden.Case one, float[] features, List<Integer> tokens) {
    float[] logits = new float[oracle.checkpoint.config().text().vocabularySize()];
    double sum = 0;
    try (LanguageSession session = oracle.model.language().open(1, 100)) {
      session.append(features, new int[][] {oracle.tokens(prompt(one))}, logits);
      for (int token : tokens) {
        double all = 0;
        for (float logit : logits) {
          all += Math.exp(logit);
        }
        sum += logits[token] - Math.log(all);
        session.append(new float[0], new int[][] {{token}}, logits);
      }
    }
    return sum;
  }
}
