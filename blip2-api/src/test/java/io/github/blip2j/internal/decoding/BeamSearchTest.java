package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Beam search against a search of every text of a tiny vocabulary, where it has beams enough for
 * all of them, and against Transformers' older beam search, which kept hypotheses in a list.
 */
class BeamSearchTest {
  private static final double CLOSE = 1e-4; // float sums of up to eight log-probabilities
  private static final int LIMIT = 4;
  private static final HistoryModel SMALL = new HistoryModel(4, 11);
  private static final int ENOUGH = 4 * 3 * 3 * 3; // beams: the most continuations of SMALL
  private static final int MODELS = 60;

  /** A text and its score over the length's power. */
  private record Text(List<Integer> ids, double score) {
    static Text of(HistoryModel model, List<Integer> ids, double penalty) {
      return new Text(ids, model.score(ids) / Math.pow(ids.size(), penalty));
    }
  }

  private static BeamSearch search(HistoryModel model, GenerationOptions options, int limit) {
    return new BeamSearch(HistoryModel.prompt(options), model.ends(), limit, /* seed= */ 1);
  }

  private static GenerationOptions beams(int beams, UnaryOperator<GenerationOptionsBuilder> more) {
    return more.apply(
            GenerationOptions.builder()
                .maxNewTokens(LIMIT)
                .numBeams(beams)
                .numReturnSequences(beams))
        .build();
  }

  private static List<Sequence> run(HistoryModel model, GenerationOptions options) {
    return model.run(search(model, options, options.maxNewTokens()));
  }

  private static void assertTexts(List<Sequence> found, List<Text> expected) {
    assertThat(found.stream().map(Sequence::ids))
        .containsExactlyElementsOf(expected.stream().map(Text::ids).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i).score())
          .as("score of %s", expected.get(i))
          .isCloseTo(expected.get(i).score(), within(CLOSE));
    }
  }

  /** All texts that are allowed, best first. */
  private static List<Text> everyText(Predicate<List<Integer>> allowed, double penalty) {
    return SMALL.texts(LIMIT).stream()
        .filter(allowed)
        .map(ids -> Text.of(SMALL, ids, penalty))
        .sorted(Comparator.comparingDouble(Text::score).reversed())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0, 0.5, 1, 2.5})
  void withBeamsEnoughEveryTextIsFoundAndRankedByItsScore(double penalty) {
    List<Text> all = everyText(ids -> true, penalty);
    assertThat(all).hasSize(1 + 3 + 9 + 27 * 4);
    for (EarlyStopping rule : List.of(EarlyStopping.FALSE, EarlyStopping.NEVER)) {
      GenerationOptions options = beams(ENOUGH, o -> o.lengthPenalty(penalty).earlyStopping(rule));
      assertTexts(run(SMALL, options), all.subList(0, ENOUGH));
    }
  }

  @Test
  void whatIsForbiddenIsLeftOutAndNothingElse() {
    assertTexts(
        run(SMALL, beams(ENOUGH, o -> o.minNewTokens(3))).subList(0, 50),
        everyText(ids -> ids.indexOf(SMALL.end()) < 0 || ids.size() > 3, 1).subList(0, 50));
    assertTexts(
        run(SMALL, beams(ENOUGH, o -> o.badWordsIds(List.of(List.of(1, 2))))).subList(0, 50),
        everyText(ids -> !ids.toString().contains("1, 2"), 1).subList(0, 50));
    List<Sequence> once = run(SMALL, beams(ENOUGH, o -> o.noRepeatNgramSize(1)));
    assertTexts( // the prompt is token 0, which is there already
        once, everyText(ids -> !ids.contains(0) && new HashSet<>(ids).size() == ids.size(), 1));
  }

  /** Of three choices and five beams: the choices, best first, and none of them twice. */
  @Test
  void moreBeamsThanChoicesGiveEachChoiceOnce() {
    List<List<Integer>> choices = List.of(List.of(0), List.of(1, 2), List.of(2, 1, 0));
    GenerationOptions options = beams(5, o -> o.choices(choices));
    List<Text> expected =
        choices.stream()
            .map(choice -> Text.of(SMALL, HistoryModel.with(choice, SMALL.end()), 1))
            .sorted(Comparator.comparingDouble(Text::score).reversed())
            .toList();
    assertTexts(run(SMALL, options), expected);
  }

  /** As a search of rows refuses them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void optionsThatLeaveNoTokenAreRefused(boolean drawn) {
    List<List<Integer>> choices = List.of(List.of(1));
    GenerationOptions options = beams(2, o -> o.doSample(drawn).choices(choices).minNewTokens(3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(SMALL, options))
        .withMessage("options must leave a token, but after 1 tokens every one is forbidden");
  }

  /**
   * Transformers' {@code BeamSearchScorer} of before 4.50: hypotheses in a list, open beams added
   * to it at the limit. Its rule looks at the best open beam, as the newer one does.
   */
  private static List<Text> older(HistoryModel model, GenerationOptions options) {
    int beams = options.numBeams();
    double penalty = options.lengthPenalty();
    List<Text> hypotheses = new ArrayList<>();
    List<Text> open = List.of(new Text(List.of(), 0));
    for (int length = 1; !open.isEmpty(); length++) {
      List<Text> best = continuations(model, open).limit(2L * beams).toList();
      List<Text> further = new ArrayList<>();
      for (int rank = 0; rank < best.size(); rank++) {
        Text text = best.get(rank);
        boolean ends = text.ids().get(length - 1) == model.end();
        if (!ends && further.size() < beams) {
          further.add(text);
        } else if (ends && rank < beams) {
          hypotheses.add(new Text(text.ids(), text.score() / Math.pow(length, penalty)));
        }
      }
      open = further;
      if (length == options.maxNewTokens()) {
        double divisor = Math.pow(length, penalty);
        open.forEach(text -> hypotheses.add(new Text(text.ids(), text.score() / divisor)));
        open = List.of();
      }
      hypotheses.sort(Comparator.comparingDouble(Text::score).reversed());
      hypotheses.subList(Math.min(beams, hypotheses.size()), hypotheses.size()).clear();
      if (hypotheses.size() == beams && isDone(hypotheses, open, options, length)) {
        open = List.of();
      }
    }
    return hypotheses;
  }

  private static Stream<Text> continuations(HistoryModel model, List<Text> open) {
    return open.stream()
        .flatMap(
            text ->
                Stream.iterate(0, token -> token < model.vocabulary(), token -> token + 1)
                    .map(
                        token ->
                            new Text(
                                HistoryModel.with(text.ids(), token),
                                text.score() + model.logProbability(text.ids(), token))))
        .sorted(Comparator.comparingDouble(Text::score).reversed());
  }

  private static boolean isDone(
      List<Text> hypotheses, List<Text> open, GenerationOptions options, int length) {
    if (options.earlyStopping() == EarlyStopping.TRUE || open.isEmpty()) {
      return true;
    }
    boolean never = options.earlyStopping() == EarlyStopping.NEVER && options.lengthPenalty() > 0;
    double divisor = Math.pow(never ? options.maxNewTokens() : length, options.lengthPenalty());
    return hypotheses.get(hypotheses.size() - 1).score() >= open.get(0).score() / divisor;
  }

  @ParameterizedTest
  @CsvSource({"2,1,true", "2,-0.7,false", "3,0,true", "3,1.5,true", "4,1,true"})
  void fewBeamsFindWhatTheOlderSearchFinds(int beams, double penalty, boolean rulesDiffer) {
    int differentStops = 0;
    for (int seed = 0; seed < MODELS; seed++) {
      HistoryModel model = new HistoryModel(6, seed);
      HashSet<List<List<Integer>>> found = new HashSet<>();
      for (EarlyStopping rule : EarlyStopping.values()) {
        GenerationOptions options =
            beams(beams, o -> o.maxNewTokens(8).lengthPenalty(penalty).earlyStopping(rule));
        List<Sequence> texts = run(model, options);
        assertTexts(texts, older(model, options));
        found.add(texts.stream().map(Sequence::ids).toList());
      }
      differentStops += found.size() > 1 ? 1 : 0;
    }
    assertThat(differentStops > 0).as("a text depends on the rule").isEqualTo(rulesDiffer);
  }

  @Test
  void anEndsReasonAndItsNumbersAreTheModelsOwn() {
    GenerationOptions options =
        beams(3, o -> o.lengthPenalty(2).topLogProbabilities(2).repetitionPenalty(1.5));
    for (Sequence text : run(SMALL, options)) {
      List<Integer> ids = text.ids();
      boolean ended = ids.get(ids.size() - 1) == SMALL.end();
      assertThat(text.finish()).contains(ended ? FinishReason.EOS : FinishReason.LENGTH);
      for (int i = 0; i < ids.size(); i++) {
        List<Integer> before = ids.subList(0, i);
        double own = SMALL.logProbability(before, ids.get(i)); // without the penalty
        assertThat(text.logProbabilities().get(i)).isCloseTo(own, within(CLOSE));
        int likeliest = Distribution.best(SMALL.logits(before));
        assertThat(text.alternatives().get(i)).hasSize(2);
        assertThat(text.alternatives().get(i).get(0).token()).isEqualTo(likeliest);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(EarlyStopping.class)
  void ofEqualScoresTheFirstBeamAndTheSmallestTokenWin(EarlyStopping rule) {
    GenerationOptions options = beams(2, o -> o.maxNewTokens(3).earlyStopping(rule));
    BeamSearch search = search(SMALL, options, 3);
    assertThat(search.advance(new float[][] {new float[4]}).tokens()).containsExactly(0, 1);
    Search.Next second = search.advance(new float[2][4]);
    assertThat(second.parents()).containsExactly(0, 0);
    assertThat(second.tokens()).containsExactly(0, 1);
    assertThat(search.advance(new float[2][4]).rows()).isZero();
    assertThat(search.results().stream().map(Sequence::ids))
        .containsExactly(List.of(0, 0, 0), List.of(0, 0, 1));
  }

  @Test
  void rowsAreThoseThatTheBeamsContinue() {
    HistoryModel model = new HistoryModel(30, 5);
    BeamSearch search = search(model, beams(4, o -> o.maxNewTokens(6)), 6);
    HistoryModel.Rows rows = model.new Rows(search);
    for (boolean going = true; going; ) {
      going = rows.step();
      assertThat(new HashSet<>(rows.held())).hasSameSizeAs(rows.held());
      assertThat(search.foresight(4)).isEmpty();
    }
    assertThat(search.results()).hasSize(4);
  }

  @Test
  void stoppedHalfWayItGivesItsOpenTextsToo() {
    GenerationOptions options = beams(3, o -> o.maxNewTokens(20));
    HistoryModel model = new HistoryModel(30, 2);
    BeamSearch search = search(model, options, 20);
    HistoryModel.Rows rows = model.new Rows(search);
    rows.step();
    rows.step();
    search.stop(FinishReason.DEADLINE);
    List<Text> expected =
        rows.held().stream()
            .map(ids -> Text.of(model, ids, 1))
            .sorted(Comparator.comparingDouble(Text::score).reversed())
            .toList();
    List<Sequence> open =
        search.results().stream()
            .filter(text -> text.finish().equals(java.util.Optional.of(FinishReason.DEADLINE)))
            .toList();
    assertThat(open).isNotEmpty();
    assertTexts(open, expected.subList(0, open.size()));
    assertThat(search.results().stream().map(Sequence::score))
        .isSortedAccordingTo(Comparator.reverseOrder());
  }

  @Test
  void drawnBeamsAreDifferentTextsWithTheModelsScores() {
    HistoryModel model = new HistoryModel(12, 3);
    GenerationOptions options = beams(4, o -> o.doSample(true).topK(0).maxNewTokens(5));
    HashSet<List<List<Integer>>> draws = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      BeamSearch search = new BeamSearch(HistoryModel.prompt(options), model.ends(), 5, seed);
      List<Sequence> texts = model.run(search);
      List<List<Integer>> ids = texts.stream().map(Sequence::ids).toList();
      assertThat(ids).doesNotHaveDuplicates();
      assertTexts(texts, ids.stream().map(text -> Text.of(model, text, 1)).toList());
      draws.add(ids);
    }
    assertThat(draws).as("of twenty seeds").hasSizeGreaterThan(15);
  }
}
