package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopProposerTest {
  private static final int VOCABULARY = 20;

  /** The tokens that follow one another; the last of the vocabulary ends a text. */
  private static final int CIRCLE = VOCABULARY - 1;

  private static final int STEPS_AHEAD = 16;
  private static final float LIKELIEST = 5;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, 64);

  private ScriptedModel model = counting(4);

  /** A model after whose token t the likeliest is (t + 1) modulo 19, then (t + 2). */
  private static ScriptedModel counting(float second) {
    Script script = Script.counting(CIRCLE, LIKELIEST, second, -5);
    return new ScriptedModel(script, VOCABULARY, STEPS_AHEAD);
  }

  private List<List<Integer>> texts(GenerationOptions options, int... starts) {
    List<Prompt> prompts = new ArrayList<>();
    for (int start : starts) {
      prompts.add(new Prompt(new float[0], new int[] {start}, options));
    }
    return all(new LookaheadModel(model, CONFIG), prompts);
  }

  @Test
  void likeliestTokensTakeFewCalls() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(30).build();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      expected.add((6 + i) % CIRCLE);
    }
    assertThat(texts(options, 5)).containsExactly(expected);
    assertThat(model.passes).containsExactly("1+8", "1+16", "1+3");
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
    assertThat(all(new LookaheadModel(model, CONFIG), prompts))
        .containsExactly(
            List.of(2, 3, 4, 5, 6, 7, 8), List.of(5, 6, 7), List.of(12, 13, 14, 15, 16, 17, 18));
    assertThat(model.passes).containsExactly("1+6");
  }

  @Test
  void forbiddenTokensAreNotTakenAndItLeavesOff() {
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(40).badWordsIds(everyOther()).build();
    List<Integer> ids = texts(options, 0).get(0);
    for (int i = 0; i < ids.size(); i++) {
      assertThat(ids.get(i) % 2).isZero(); // t+1 is forbidden each time, so t+2 is chosen
    }
    assertThat(model.passes).filteredOn(c -> c.equals("step")).hasSizeGreaterThan(20);
    assertThat(model.passes).startsWith("1+8", "step", "1+1", "step", "step");
  }

  @Test
  void drawnTokensAreForeseen() {
    model = counting(LIKELIEST); // so that one half is the bound of the draws
    GenerationOptions options =
        GenerationOptions.builder().maxNewTokens(30).doSample(true).topK(2).seed(7L).build();
    List<Integer> ahead = texts(options, 5).get(0);
    assertThat(model.passes).containsExactly("1+8", "1+16", "1+3");
    assertThat(ahead).isEqualTo(oneByOne(options, 5));
    assertThat(ahead).isNotEqualTo(texts(options.toBuilder().seed(8L).build(), 5).get(0));
  }

  @Test
  void ofSeveralSequencesEachIsForeseen() {
    model = counting(LIKELIEST);
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(9)
            .doSample(true)
            .topK(2)
            .seed(7L)
            .numReturnSequences(3)
            .build();
    Prompt prompt = new Prompt(new float[0], new int[] {5}, options);
    List<List<Integer>> found = all(new LookaheadModel(model, CONFIG), List.of(prompt));
    assertThat(model.passes).containsExactly("step", "1+7"); // the prompt's row becomes three
    assertThat(found)
        .isEqualTo(all(new LookaheadModel(counting(LIKELIEST)::open, CONFIG), List.of(prompt)));
    assertThat(found.get(0)).isNotEqualTo(found.get(1));
  }

  /** Each row by its own options and numbers, also when another one has left. */
  @Test
  void requestsOfABatchAreForeseenEachByItsOptions() {
    model = counting(LIKELIEST);
    GenerationOptions drawn =
        GenerationOptions.builder().maxNewTokens(9).doSample(true).topK(2).seed(7L).build();
    List<Prompt> prompts =
        List.of(
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().maxNewTokens(3).build()),
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().doSample(false).build()),
            new Prompt(new float[0], new int[] {5}, drawn.toBuilder().seed(8L).build()),
            new Prompt(new float[0], new int[] {5}, drawn));
    List<List<Integer>> found = all(new LookaheadModel(model, CONFIG), prompts);
    assertThat(model.passes).containsExactly("1+8");
    assertThat(found)
        .isEqualTo(all(new LookaheadModel(counting(LIKELIEST)::open, CONFIG), prompts));
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
    assertThat(all(new LookaheadModel(model, CONFIG), prompts).get(0))
        .containsExactly(6, 7, 8, 9, 10, 11);
    assertThat(model.passes).containsOnly("step");
  }

  private List<Integer> oneByOne(GenerationOptions options, int start) {
    Prompt prompt = new Prompt(new float[0], new int[] {start}, options);
    return all(new LookaheadModel(counting(LIKELIEST)::open, CONFIG), List.of(prompt)).get(0);
  }

  private static List<List<Integer>> all(LookaheadModel model, List<Prompt> prompts) {
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
    for (int id = 1; id < CIRCLE; id += 2) {
      odd.add(List.of(id));
    }
    return odd;
  }
}
