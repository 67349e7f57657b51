package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.family.opt.OptConfig;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpeculativeSessionTest {
  private static final int VOCABULARY = 20;
  private static final int END = 19;
  private static final OptConfig CONFIG =
      new OptConfig(4, 8, 1, 2, VOCABULARY, 64, "relu", List.of(END), 2, 1);

  private final List<String> calls = new ArrayList<>();

  /** A model after whose token t comes (t + 1) modulo 19, with a draft of its own opinion. */
  private final class Session implements LanguageSession {
    private final IntUnaryOperator draft;
    private final List<Integer> held = new ArrayList<>();

    Session(IntUnaryOperator draft) {
      this.draft = draft;
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int length(int row) {
      return held.size();
    }

    private static void answer(int next, float[] logits, int from) {
      Arrays.fill(logits, from, from + VOCABULARY, -1);
      logits[from + next] = 1;
    }

    @Override
    public void append(float[] features, int[][] tokens, float[] logits) {
      calls.add("step");
      Arrays.stream(tokens[0]).forEach(held::add);
      answer((held.get(held.size() - 1) + 1) % 19, logits, 0);
    }

    @Override
    public void appendEach(int[] tokens, float[] logits) {
      calls.add("pass of " + tokens.length);
      for (int i = 0; i < tokens.length; i++) {
        held.add(tokens[i]);
        answer((tokens[i] + 1) % 19, logits, i * VOCABULARY);
      }
    }

    @Override
    public void guess(int token, float[] logits) {
      held.add(token);
      answer(draft.applyAsInt(token), logits, 0);
    }

    @Override
    public void select(int[] kept) {
      assertThat(kept).containsExactly(0);
    }

    @Override
    public void truncate(int shorter) {
      while (held.size() > shorter) {
        held.remove(held.size() - 1);
      }
    }

    @Override
    public LanguageSession fork(int[] kept, int capacity) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public void close() {
      calls.add("holds " + held);
    }
  }

  private DraftStatistics write(IntUnaryOperator draft, int count) {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(count).build();
    SpeculativeModel model = new SpeculativeModel((rows, capacity) -> new Session(draft), CONFIG);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      expected.add((6 + i) % 19);
    }
    assertThat(text(model, options)).isEqualTo(expected);
    return model.statistics();
  }

  private static List<Integer> text(LanguageModel model, GenerationOptions options) {
    Prompt prompt = new Prompt(new float[0], new int[] {5}, options);
    try (DecodingLoop loop = DecodingLoop.start(model, CONFIG, List.of(prompt), ids -> "")) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results().get(0).get(0).ids();
    }
  }

  /** A draft that agrees with the model guesses what will be drawn, penalties included. */
  @Test
  void drawnTokensAreGuessedWithTheirDraws() {
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(40)
            .doSample(true)
            .temperature(1.5)
            .topP(0.95)
            .repetitionPenalty(1.3)
            .badWordsIds(List.of(List.of(11)))
            .seed(3L)
            .build();
    SpeculativeModel model =
        new SpeculativeModel((rows, capacity) -> new Session(t -> (t + 1) % 19), CONFIG);
    List<Integer> found = text(model, options);
    assertThat(found).isEqualTo(text((rows, capacity) -> new Session(t -> 0), options));
    assertThat(found).hasSizeGreaterThan(5).doesNotContain(11);
    assertThat(model.statistics().guessed()).isPositive();
    assertThat(model.statistics().accepted()).isEqualTo(model.statistics().guessed());
  }

  /** A processor of the user is asked about tokens that are there, never about guessed ones. */
  @Test
  void usersProcessorsSeeNoGuesses() {
    List<Integer> lengths = new ArrayList<>();
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(12)
            .scoreProcessors(List.of((ids, scores) -> lengths.add(ids.size())))
            .build();
    text(new SpeculativeModel((rows, capacity) -> new Session(t -> (t + 1) % 19), CONFIG), options);
    assertThat(calls).contains("pass of 5");
    assertThat(lengths).containsExactlyElementsOf(IntStream.range(1, 13).boxed().toList());
  }

  @Test
  void rightGuessesSavePasses() {
    DraftStatistics statistics = write(t -> (t + 1) % 19, 16);
    assertThat(calls.subList(0, 4))
        .containsExactly("step", "pass of 5", "pass of 7", "pass of 3"); // 1 + 5 + 7 + 3
    assertThat(statistics).isEqualTo(new DraftStatistics(12, 12));
    assertThat(calls.get(4))
        .isEqualTo("holds [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0, 1]");
  }

  @Test
  void wrongGuessesAreTakenBackAndSoonLeftOff() {
    DraftStatistics statistics = write(t -> (t + 2) % 19, 40);
    assertThat(statistics.accepted()).isZero();
    assertThat(calls.subList(0, 8))
        .containsExactly(
            "step",
            "pass of 5",
            "pass of 4",
            "pass of 3",
            "pass of 2",
            "step",
            "pass of 2",
            "step");
    assertThat(calls).filteredOn(c -> c.equals("step")).hasSizeGreaterThan(25);
  }

  @Test
  void halfRightGuessesAreTakenAsFarAsTheyAreRight() {
    DraftStatistics statistics = write(t -> t % 4 == 3 ? 0 : (t + 1) % 19, 30);
    assertThat(statistics.accepted()).isBetween(10L, 29L);
    assertThat(statistics.guessed()).isGreaterThan(statistics.accepted());
  }

  @Test
  void aDraftThatSeesAnEndIsLeftAlone() {
    DraftStatistics statistics = write(t -> END, 40);
    assertThat(statistics).isEqualTo(new DraftStatistics(0, 0));
    assertThat(calls).filteredOn(c -> c.equals("step")).hasSize(40);
  }
}
