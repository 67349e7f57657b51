package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DraftProposerTest {
  private static final int VOCABULARY = 20;
  private static final int END = VOCABULARY - 1;

  /** The tokens that follow one another. */
  private static final int CIRCLE = END;

  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, 64);

  private ScriptedModel target = withDraft(DraftProposerTest::next);

  private static int next(int token) {
    return (token + 1) % CIRCLE;
  }

  /** A model after whose token t comes (t + 1) modulo 19, with a draft of its own opinion. */
  private static ScriptedModel withDraft(IntUnaryOperator draft) {
    Script script = Script.counting(CIRCLE, 1, -1, -1).withDraft(draft);
    return new ScriptedModel(script, VOCABULARY, 0);
  }

  private DraftStatistics write(IntUnaryOperator draft, int count) {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(count).build();
    target = withDraft(draft);
    LookaheadModel model = new LookaheadModel(target, CONFIG);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      expected.add((6 + i) % CIRCLE);
    }
    assertThat(text(model, options)).isEqualTo(expected);
    assertThat(target.calls)
        .filteredOn(call -> call.startsWith("select"))
        .allMatch(call -> call.equals("select [0]"));
    return model.statistics();
  }

  private static List<Integer> text(LookaheadModel model, GenerationOptions options) {
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
    LookaheadModel model = new LookaheadModel(target, CONFIG);
    List<Integer> found = text(model, options);
    assertThat(found).isEqualTo(text(new LookaheadModel(withDraft(t -> 0)::open, CONFIG), options));
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
    text(new LookaheadModel(target, CONFIG), options);
    assertThat(target.passes).contains("pass of 5");
    assertThat(lengths).containsExactlyElementsOf(IntStream.range(1, 13).boxed().toList());
  }

  @Test
  void rightGuessesSavePasses() {
    DraftStatistics statistics = write(DraftProposerTest::next, 16);
    assertThat(target.passes)
        .containsExactly("step", "pass of 5", "pass of 7", "pass of 3"); // 1 + 5 + 7 + 3
    assertThat(statistics).isEqualTo(new DraftStatistics(12, 12));
    assertThat(target.closed)
        .containsExactly(List.of(5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 0, 1));
  }

  @Test
  void wrongGuessesAreTakenBackAndSoonLeftOff() {
    DraftStatistics statistics = write(t -> (t + 2) % CIRCLE, 40);
    assertThat(statistics.accepted()).isZero();
    assertThat(target.passes.subList(0, 8))
        .containsExactly(
            "step",
            "pass of 5",
            "pass of 4",
            "pass of 3",
            "pass of 2",
            "step",
            "pass of 2",
            "step");
    assertThat(target.passes).filteredOn(c -> c.equals("step")).hasSizeGreaterThan(25);
  }

  @Test
  void halfRightGuessesAreTakenAsFarAsTheyAreRight() {
    DraftStatistics statistics = write(t -> t % 4 == 3 ? 0 : next(t), 30);
    assertThat(statistics.accepted()).isBetween(10L, 29L);
    assertThat(statistics.guessed()).isGreaterThan(statistics.accepted());
  }

  @Test
  void aDraftThatSeesAnEndIsLeftAlone() {
    DraftStatistics statistics = write(t -> END, 40);
    assertThat(statistics).isEqualTo(new DraftStatistics(0, 0));
    assertThat(target.passes).filteredOn(c -> c.equals("step")).hasSize(40);
  }
}
