package io.github.blip2j.internal.decoding;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecodingLoopTest {
  private static final int VOCABULARY = 10;
  private static final int END = VOCABULARY - 1;
  private static final int POSITIONS = 12;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, POSITIONS);

  /** An image of two positions. */
  private static final float[] IMAGE = new float[2 * TinyConfig.WIDTH];

  private ScriptedModel model = answering(5);

  /** After token t comes t+1. */
  private static ScriptedModel answering(float best) {
    return new ScriptedModel(Script.counting(VOCABULARY, best, 0, 0), VOCABULARY, 0);
  }

  private List<Sequence> run(Prompt... prompts) {
    model = answering(5);
    try (DecodingLoop loop = start(prompts)) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      assertThat(loop.step()).isFalse();
      // Greedy decoding never goes back.
      assertThat(model.calls).noneMatch(call -> call.startsWith("truncate"));
      return loop.results().stream().map(r -> r.get(0)).toList();
    }
  }

  private DecodingLoop start(Prompt... prompts) {
    return DecodingLoop.start(
        new LookaheadModel(model::open, CONFIG),
        CONFIG,
        List.of(prompts),
        ids -> ids.stream().map(id -> Character.toString('a' + id)).collect(joining()));
  }

  private static Prompt prompt(int max, int min, int... tokens) {
    return new Prompt(
        IMAGE, tokens, GenerationOptions.builder().maxNewTokens(max).minNewTokens(min).build());
  }

  @Test
  void writesUntilTheEndTokenWhichIsKept() {
    Sequence row = run(prompt(8, 0, 2, 6)).get(0);
    assertThat(row.ids()).containsExactly(7, 8, END);
    assertThat(row.finish()).contains(FinishReason.EOS);
    assertThat(model.calls)
        .containsExactly("append [[2, 6]]", "append [[7]]", "append [[8]]", "close");
  }

  @Test
  void writesNoMoreThanAsked() {
    Sequence row = run(prompt(2, 0, 2, 3)).get(0);
    assertThat(row.ids()).containsExactly(4, 5);
    assertThat(row.finish()).contains(FinishReason.LENGTH);
    assertThat(model.capacity()).isEqualTo(2 + 2 + 1);
  }

  @Test
  void anEndTokenAtTheLimitIsAnEnd() {
    Sequence row = run(prompt(2, 0, 7)).get(0);
    assertThat(row.ids()).containsExactly(8, END);
    assertThat(row.finish()).contains(FinishReason.EOS);
  }

  @Test
  void minNewTokensForbidsTheEndTokenUntilThen() {
    Sequence row = run(prompt(9, 4, 7)).get(0);
    assertThat(row.ids()).startsWith(8, 0).doesNotContain(END).hasSize(9);
    assertThat(run(prompt(4, 2, 7)).get(0).ids()).hasSize(4).startsWith(8, 0);
  }

  @Test
  void rowsThatAreDoneLeave() {
    List<Sequence> rows = run(prompt(3, 0, 2), prompt(3, 0, 2, 8), prompt(3, 0, 7));
    assertThat(rows.get(0).ids()).containsExactly(3, 4, 5);
    assertThat(rows.get(1).ids()).containsExactly(END);
    assertThat(rows.get(2).ids()).containsExactly(8, END);
    assertThat(model.calls)
        .containsExactly(
            "append [[2], [2, 8], [7]]",
            "select [0, 2]",
            "append [[3], [8]]",
            "select [0]",
            "append [[4]]",
            "close");
  }

  @Test
  void positionsAreALimitToo() {
    Sequence row = run(prompt(50, 40, 2, 2, 2, 2, 2, 2, 2, 2)).get(0);
    assertThat(row.ids()).hasSize(2);
    assertThat(row.finish()).contains(FinishReason.LENGTH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(prompt(1, 0, new int[10])))
        .withMessageContaining("(at least 12 tokens)")
        .withMessageContaining("12 positions");
  }

  @Test
  void aRequestOutOfTimeLeavesTheOthersAlone() {
    GenerationOptions late =
        GenerationOptions.builder().maxTime(java.time.Duration.ofNanos(1)).build();
    List<Sequence> rows = run(new Prompt(IMAGE, new int[] {2}, late), prompt(3, 0, 5));
    assertThat(rows.get(0).finish()).contains(FinishReason.DEADLINE);
    assertThat(rows.get(0).ids()).containsExactly(3);
    assertThat(rows.get(1).ids()).containsExactly(6, 7, 8);
    assertThat(model.calls)
        .containsExactly(
            "append [[2], [5]]", "select [1]", "append [[6]]", "append [[7]]", "close");
  }

  @Test
  void cancellingBeforeTheFirstTokenComputesNothing() {
    try (DecodingLoop loop = start(prompt(3, 0, 5))) {
      loop.cancel();
      assertThat(loop.step()).isFalse();
      assertThat(loop.results().get(0).get(0).finish()).contains(FinishReason.CANCELLED);
      assertThat(model.calls).isEmpty();
    }
  }

  @Test
  void noNumberIsNoToken() {
    model = answering(Float.NaN);
    try (DecodingLoop loop = start(prompt(3, 0, 2))) {
      assertThatThrownBy(loop::step)
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("token 3, found NaN");
    }
  }

  @Test
  void optionsNameValueAndRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationOptions.defaults().withMaxNewTokens(0))
        .withMessage("max_new_tokens (0) must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationOptions.defaults().withMinNewTokens(21))
        .withMessage("min_new_tokens (21) must be 0 to max_new_tokens (20)");
  }
}
