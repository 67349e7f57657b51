package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.family.opt.OptConfig;
import io.github.blip2j.spi.FurtherSteps;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.TokenChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AheadSessionTest {
  private static final OptConfig CONFIG =
      new OptConfig(4, 8, 1, 2, 20, 64, "relu", List.of(19), 2, 1);

  private final List<String> calls = new ArrayList<>();
  private float second = 4; // logit of the second likeliest token

  /** A model after whose token t the likeliest is (t + 1) modulo 19, then (t + 2). */
  private final class Counting implements LanguageModel {
    @Override
    public LanguageSession open(int rows, int capacity) {
      return new Session(rows);
    }

    @Override
    public int stepsAhead() {
      return 16;
    }
  }

  private final class Session implements LanguageSession {
    private int rows;
    private int length;

    Session(int rows) {
      this.rows = rows;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int length(int row) {
      return length;
    }

    private void answer(int[] last, float[] logits, int from) {
      for (int row = 0; row < rows; row++) {
        int at = from + 20 * row;
        Arrays.fill(logits, at, at + 20, -5);
        logits[at + (last[row] + 1) % 19] = 5;
        logits[at + (last[row] + 2) % 19] = second;
      }
      length++;
    }

    @Override
    public void append(float[] features, int[][] tokens, float[] logits) {
      calls.add("step");
      answer(Arrays.stream(tokens).mapToInt(t -> t[0]).toArray(), logits, 0);
    }

    /** A draw below one half takes the likeliest too, and one above it the next likeliest. */
    @Override
    public int[][] appendAhead(
        float[] features, int[][] tokens, FurtherSteps steps, float[] logits) {
      int further = steps.most();
      calls.add("1+" + further);
      int[] last = Arrays.stream(tokens).mapToInt(t -> t[0]).toArray();
      answer(last, logits, 0);
      int[][] appended = new int[further][rows];
      for (int step = 0; step < further; step++) {
        for (int row = 0; row < rows; row++) {
          TokenChoice choice = steps.choices().get(row);
          boolean second = choice.isDrawn() && (choice.draws()[step] >= 0.5) != wraps(last[row]);
          appended[step][row] = (last[row] + (second ? 2 : 1)) % 19;
        }
        last = appended[step].clone();
        answer(last, logits, 20 * rows * (step + 1));
      }
      return appended;
    }

    /** Whether the second likeliest token has the smaller id. */
    private static boolean wraps(int token) {
      return (token + 2) % 19 < (token + 1) % 19;
    }

    @Override
    public void select(int[] kept) {
      rows = kept.length;
    }

    @Override
    public void truncate(int shorter) {
      length = Math.min(length, shorter);
    }

    @Override
    public LanguageSession fork(int[] kept, int capacity) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public void close() {}
  }

  private List<List<Integer>> texts(GenerationOptions options, int... starts) {
    List<Prompt> prompts = new ArrayList<>();
    for (int start : starts) {
      prompts.add(new Prompt(new float[0], new int[] {start}, options));
    }
    return all(new AheadModel(new Counting(), CONFIG), prompts);
  }

  @Test
  void likeliestTokensTakeFewCalls() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(30).build();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      expected.add((6 + i) % 19);
    }
    assertThat(texts(options, 5)).containsExactly(expected);
    assertThat(calls).containsExactly("1+8", "1+16", "1+3");
  }

  @Test
  void rowsGoTogetherAndThoseThatEndLeave() {
    GenerationOptions few = GenerationOptions.builder().maxNewTokens(3).build();
    GenerationOptions more = GenerationOptions.builder().maxNewTokens(7).build();
    List<Prompt> prompts =
        List.of(
            new Prompt(new float[0], new int[] {1}, more),
            new Prompt(new float[0], new int[] {4}, few),
            new Prompt(new float[0], new int[] {11}, more));
    AheadModel model = new AheadModel(new Counting(), CONFIG);
    assertThat(all(model, prompts))
        .containsExactly(
            List.of(2, 3, 4, 5, 6, 7, 8), List.of(5, 6, 7), List.of(12, 13, 14, 15, 16, 17, 18));
    assertThat(calls).containsExactly("1+6");
  }

  @Test
  void forbiddenTokensAreNotTakenAndItLeavesOff() {
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(40).badWordsIds(everyOther()).build();
    List<Integer> ids = texts(options, 0).get(0);
    for (int i = 0; i < ids.size(); i++) {
      assertThat(ids.get(i) % 2).isZero(); // t+1 is forbidden each time, so t+2 is chosen
    }
    assertThat(calls).filteredOn(c -> c.equals("step")).hasSizeGreaterThan(20);
    assertThat(calls).startsWith("1+8", "step", "1+1", "step", "step");
  }

  @Test
  void drawnTokensAreForeseen() {
    second = 5; // so that one half is the bound of the draws
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(30).doSample(true).topK(2).seed(7L).build();
    List<Integer> ahead = texts(options, 5).get(0);
    assertThat(calls).containsExactly("1+8", "1+16", "1+3");
    assertThat(ahead).isEqualTo(oneByOne(options, 5));
    assertThat(ahead).isNotEqualTo(texts(options.toBuilder().seed(8L).build(), 5).get(0));
  }

  @Test
  void ofSeveralSequencesEachIsForeseen() {
    second = 5;
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(9)
            .doSample(true)
            .topK(2)
            .seed(7L)
            .numReturnSequences(3)
            .build();
    Prompt prompt = new Prompt(new float[0], new int[] {5}, options);
    List<List<Integer>> found = all(new AheadModel(new Counting(), CONFIG), List.of(prompt));
    assertThat(calls).containsExactly("step", "1+7"); // the prompt's row becomes three
    assertThat(found).isEqualTo(all(new Counting(), List.of(prompt)));
    assertThat(found.get(0)).isNotEqualTo(found.get(1));
  }

  /** Each row by its own options and numbers, also when another one has left. */
  @Test
  void requestsOfABatchAreForeseenEachByItsOptions() {
    second = 5;
    GenerationOptions drawn =
        GenerationOptions.builder().maxNewTokens(9).doSample(true).topK(2).seed(7L).build();
    List<Prompt> prompts =
        List.of(
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().maxNewTokens(3).build()),
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().doSample(false).build()),
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().seed(8L).build()),
            new Prompt(new float[0], new int[] {5}, drawn));
    List<List<Integer>> found = all(new AheadModel(new Counting(), CONFIG), prompts);
    assertThat(calls).containsExactly("1+8");
    assertThat(found).isEqualTo(all(new Counting(), prompts));
    assertThat(found.get(1)).containsExactly(6, 7, 8, 9, 10, 11, 12, 13, 14);
    assertThat(found.get(2)).isNotEqualTo(found.get(3));
    assertThat(found.get(3)).startsWith(found.get(0).toArray(Integer[]::new));
  }

  /** Nobody knows what a beam's rows will be. */
  @Test
  void besideBeamsNothingIsForeseen() {
    GenerationOptions greedy = GenerationOptions.builder().maxNewTokens(6).build();
    List<Prompt> prompts =
        List.of(
            new Prompt(new float[0], new int[] {5}, greedy),
            new Prompt(new float[0], new int[] {7}, greedy.toBuilder().numBeams(2).build()));
    assertThat(all(new AheadModel(new Counting(), CONFIG), prompts).get(0))
        .containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(calls).containsOnly("step");
  }

  private List<Integer> oneByOne(GenerationOptions options, int start) {
    Prompt prompt = new Prompt(new float[0], new int[] {start}, options);
    return all(new Counting(), List.of(prompt)).get(0);
  }

  private static List<List<Integer>> all(LanguageModel model, List<Prompt> prompts) {
    try (DecodingLoop loop = DecodingLoop.start(model, CONFIG, prompts, ids -> "")) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results().stream().flatMap(List::stream).map(Sequence::ids).toList();
    }
  }

  private static List<List<Integer>> everyOther() {
    List<List<Integer>> odd = new ArrayList<>();
    for (int id = 1; id < 19; id += 2) {
      odd.add(List.of(id));
    }
    return odd;
  }
}
