package io.github.blip2j.internal.decoding;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Greedy decoding and sampling, one row for itself, against the model's own distribution. */
class RowSearchTest {
  private static final double CLOSE = 1e-6;
  private static final int LIMIT = 8;
  private static final long SEED = 7;
  private static final HistoryModel MODEL = new HistoryModel(9, 4);

  private static GenerationOptions options(UnaryOperator<GenerationOptionsBuilder> change) {
    return change.apply(GenerationOptions.builder().maxNewTokens(LIMIT)).build();
  }

  /** Tokens are the letters of the texts. */
  private static String text(List<Integer> ids) {
    return ids.stream().map(id -> Character.toString('a' + id)).collect(joining());
  }

  private static RowSearch search(GenerationOptions options) {
    return new RowSearch(
        HistoryModel.prompt(options), MODEL.ends(), LIMIT, SEED, RowSearchTest::text);
  }

  private static List<Sequence> run(GenerationOptions options) {
    return MODEL.run(search(options));
  }

  @Test
  void theLikeliestTokenIsTakenEachTime() {
    Sequence found = run(options(o -> o.topLogProbabilities(3))).get(0);
    List<Integer> expected = List.of();
    double score = 0;
    while (expected.size() < LIMIT && !expected.contains(MODEL.end())) {
      int likeliest = 0;
      for (int token = 1; token < MODEL.vocabulary(); token++) {
        double p = MODEL.logProbability(expected, token);
        likeliest = p > MODEL.logProbability(expected, likeliest) ? token : likeliest;
      }
      double own = MODEL.logProbability(expected, likeliest);
      assertThat(found.logProbabilities().get(expected.size())).isCloseTo(own, within(CLOSE));
      assertThat(found.alternatives().get(expected.size()).get(0).token()).isEqualTo(likeliest);
      score += own;
      expected = HistoryModel.with(expected, likeliest);
    }
    assertThat(found.ids()).isEqualTo(expected);
    assertThat(found.score()).isCloseTo(score, within(LIMIT * CLOSE));
  }

  @Test
  void ofEquallyLikelyTokensTheFirstIsTaken() {
    RowSearch search = search(options(o -> o));
    assertThat(search.advance(new float[][] {{0, 2, 1, 2, 0, 0, 0, 0, 2}}).tokens())
        .containsExactly(1);
  }

  @Test
  void aRowEndsWithTheEndTokenAStopStringOrTheLimit() {
    float[] letter = {0, 0, 5, 0, 0, 0, 0, 0, 0};
    float[] end = {0, 0, 0, 0, 0, 0, 0, 0, 5};
    RowSearch ended = search(options(o -> o));
    assertThat(ended.advance(new float[][] {letter.clone()}).rows()).isOne();
    assertThat(ended.results().get(0).finish()).isEmpty();
    assertThat(ended.advance(new float[][] {end.clone()}).rows()).isZero();
    assertThat(ended.results().get(0).finish()).contains(FinishReason.EOS);
    RowSearch stopped = search(options(o -> o.stopStrings(List.of("x", "cc"))));
    assertThat(stopped.advance(new float[][] {letter.clone()}).rows()).isOne();
    assertThat(stopped.advance(new float[][] {letter.clone()}).rows()).isZero();
    assertThat(stopped.results().get(0).finish()).contains(FinishReason.STOP);
    RowSearch limited = search(options(o -> o));
    for (int step = 1; step <= LIMIT; step++) {
      int rows = limited.advance(new float[][] {letter.clone()}).rows();
      assertThat(rows).as("rows after step %d", step).isEqualTo(step < LIMIT ? 1 : 0);
    }
    assertThat(limited.results().get(0).finish()).contains(FinishReason.LENGTH);
  }

  @Test
  void penaltiesChangeTheChoiceButNotTheReportedProbability() {
    float[] logits = {2, 1.5f, 0, 0, 0, 0, 0, 0, 0};
    double sum = Math.exp(2) + Math.exp(1.5) + 7;
    RowSearch search = search(options(o -> o.repetitionPenalty(2))); // the prompt is token 0
    assertThat(search.advance(new float[][] {logits}).tokens()).containsExactly(1);
    assertThat(search.results().get(0).logProbabilities().get(0))
        .isCloseTo(1.5 - Math.log(sum), within(CLOSE));
  }

  @Test
  void thePromptsRowBecomesAsManyAsTextsAreAskedFor() {
    GenerationOptions three =
        options(o -> o.doSample(true).numReturnSequences(3).repetitionPenalty(1.3).topK(4));
    RowSearch search = search(three);
    HistoryModel.Rows rows = MODEL.new Rows(search);
    rows.step();
    assertThat(rows.held()).hasSizeBetween(1, 3).allMatch(row -> row.size() == 1);
    List<List<Integer>> together = run(three).stream().map(Sequence::ids).toList();
    assertThat(together.get(0))
        .as("the first text does not depend on the others beside it")
        .isEqualTo(run(three.toBuilder().numReturnSequences(1).build()).get(0).ids());
    assertThat(together).hasSize(3).doesNotHaveDuplicates();
    assertThat(run(three).stream().map(Sequence::ids)).isEqualTo(together);
  }

  @Test
  void aRowThatHasEndedLeavesAndTheOthersKeepTheirPlaces() {
    RowSearch search = search(options(o -> o.doSample(true).numReturnSequences(3).topK(1)));
    float[] letter = {0, 0, 5, 0, 0, 0, 0, 0, 0};
    float[] end = {0, 0, 0, 0, 0, 0, 0, 0, 5};
    Search.Next first = search.advance(new float[][] {letter.clone()});
    assertThat(first.parents()).containsExactly(0, 0, 0);
    float[][] mixed = {letter.clone(), end.clone(), letter.clone()};
    Search.Next second = search.advance(mixed);
    assertThat(second.parents()).containsExactly(0, 2);
    assertThat(second.tokens()).containsExactly(2, 2);
    assertThat(search.advance(new float[][] {end.clone(), letter.clone()}).parents())
        .containsExactly(1);
    search.stop(FinishReason.CANCELLED);
    assertThat(search.results().stream().map(r -> r.finish().orElseThrow()))
        .containsExactly(FinishReason.EOS, FinishReason.EOS, FinishReason.CANCELLED);
    assertThat(search.results().stream().map(Sequence::ids))
        .containsExactly(List.of(2, 2, 8), List.of(2, 8), List.of(2, 2, 2));
  }

  /** Draws in step with the numbers that foresight gives to a proposer. */
  @Test
  void aDrawnTokenIsTheFirstWhoseCumulativeProbabilityIsAboveTheNumber() {
    RowSearch search = search(options(o -> o.doSample(true).topK(0)));
    double[] draws = search.choices(LIMIT).get(0).draws();
    assertThat(draws).hasSize(LIMIT);
    Sequence found = MODEL.run(search).get(0);
    for (int i = 0; i < found.written(); i++) {
      List<Integer> before = found.ids().subList(0, i);
      int token = 0;
      double sum = Math.exp(MODEL.logProbability(before, 0));
      while (sum <= draws[i]) {
        sum += Math.exp(MODEL.logProbability(before, ++token));
      }
      assertThat(found.written(i)).as("token %d", i).isEqualTo(token);
    }
  }

  @Test
  void choicesSayHowTokensAreChosen() {
    assertThat(search(options(o -> o)).choices(3)).containsExactly(TokenChoice.LIKELIEST);
    TokenChoice drawn =
        search(options(o -> o.doSample(true).temperature(0.5).topK(3).topP(0.7))).choices(2).get(0);
    assertThat(List.of(drawn.temperature(), drawn.topP())).containsExactly(0.5, 0.7);
    assertThat(drawn.topK()).isEqualTo(3);
    assertThat(drawn.draws()).hasSize(2);
  }

  /** What it says it would choose, it chooses, however far ahead it is asked. */
  @Test
  void foresightIsWhatIsChosenLater() {
    for (GenerationOptions options :
        List.of(
            options(o -> o),
            options(o -> o.repetitionPenalty(1.8).noRepeatNgramSize(2)),
            options(o -> o.doSample(true).topK(4).minNewTokens(4)),
            options(o -> o.doSample(true).topK(0).topP(0.6).temperature(1.5)))) {
      RowSearch search = search(options);
      List<Integer> foreseen = new ArrayList<>();
      for (int step = 0; step < LIMIT && !foreseen.contains(MODEL.end()); step++) {
        int[] since = foreseen.stream().mapToInt(Integer::intValue).toArray();
        foreseen.add(search.choose(since, MODEL.logits(foreseen)));
      }
      assertThat(MODEL.run(search).get(0).ids()).as("%s", options).isEqualTo(foreseen);
    }
  }

  @Test
  void foresightIsOfAllRowsOrNone() {
    RowSearch search = search(options(o -> o.doSample(true).numReturnSequences(2).topK(1)));
    assertThat(search.foresight(1)).as("the prompt's row becomes two").isEmpty();
    assertThat(search.foresight(2)).isPresent();
    assertThatIllegalStateException()
        .isThrownBy(() -> search.choose(new int[0], new float[9]))
        .withMessage("expected one row, found 2");
  }

  @Test
  void usersProcessorsAreNotAskedAboutWhatMayNeverBe() {
    List<List<Integer>> asked = new ArrayList<>();
    RowSearch search =
        search(options(o -> o.scoreProcessors(List.of((ids, scores) -> asked.add(ids)))));
    search.choose(new int[] {3}, MODEL.logits(List.of(3)));
    assertThat(asked).isEmpty();
    search.advance(new float[][] {MODEL.logits(List.of())});
    assertThat(asked).containsExactly(List.of(0));
  }

  @Test
  void whereEveryTokenIsForbiddenTheMessageSaysAfterHowMany() {
    RowSearch search =
        search(
            options(
                o ->
                    o.scoreProcessors(
                        List.of(
                            (ids, scores) -> {
                              if (ids.size() > 1) {
                                Arrays.fill(scores, Float.NEGATIVE_INFINITY);
                              }
                            }))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MODEL.run(search))
        .withMessage("options must leave a token, but after 1 tokens every one is forbidden");
  }
}
