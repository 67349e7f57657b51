package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.GenerationOptions;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AheadSessionTest {
  private static final OptConfig CONFIG =
      new OptConfig(4, 8, 1, 2, 20, 64, "relu", List.of(19), 2, 1);

  private final List<String> calls = new ArrayList<>();

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
        logits[at + (last[row] + 2) % 19] = 4;
      }
      length++;
    }

    @Override
    public void append(float[] features, int[][] tokens, float[] logits) {
      calls.add("step");
      answer(Arrays.stream(tokens).mapToInt(t -> t[0]).toArray(), logits, 0);
    }

    @Override
    public int appendAhead(float[] features, int[][] tokens, int further, float[] logits) {
      calls.add("1+" + further);
      int[] last = Arrays.stream(tokens).mapToInt(t -> t[0]).toArray();
      for (int step = 0; step <= further; step++) {
        answer(last, logits, 20 * rows * step);
        last = Arrays.stream(last).map(t -> (t + 1) % 19).toArray();
      }
      return further;
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
    AheadModel model = new AheadModel(new Counting(), CONFIG);
    try (DecodingLoop loop = DecodingLoop.start(model, CONFIG, prompts, ids -> "")) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results().stream().map(s -> s.get(0).ids()).toList();
    }
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
    try (DecodingLoop loop = DecodingLoop.start(model, CONFIG, prompts, ids -> "")) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      assertThat(loop.results().get(0).get(0).ids()).containsExactly(2, 3, 4, 5, 6, 7, 8);
      assertThat(loop.results().get(1).get(0).ids()).containsExactly(5, 6, 7);
      assertThat(loop.results().get(2).get(0).ids()).containsExactly(12, 13, 14, 15, 16, 17, 18);
    }
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

  private static List<List<Integer>> everyOther() {
    List<List<Integer>> odd = new ArrayList<>();
    for (int id = 1; id < 19; id += 2) {
      odd.add(List.of(id));
    }
    return odd;
  }
}
