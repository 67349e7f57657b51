package io.github.blip2j.internal.decoding;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.family.opt.OptConfig;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecodingLoopTest {
  /** Ten tokens, of which 9 ends; four floats a vector; twelve positions. */
  private static final TextConfig CONFIG =
      new OptConfig(4, 8, 1, 2, 10, 12, "relu", List.of(9), 2, 1);

  /** After token t comes t+1. Notes what it is asked. */
  private static final class Counting implements LanguageSession {
    final List<String> calls = new ArrayList<>();
    int[] lengths;
    float broken = 0;

    Counting(int rows) {
      lengths = new int[rows];
    }

    @Override
    public int rows() {
      return lengths.length;
    }

    @Override
    public int length(int row) {
      return lengths[row];
    }

    @Override
    public void append(float[] features, int[][] tokens, float[] logits) {
      calls.add(Arrays.deepToString(tokens));
      Arrays.fill(logits, 0);
      for (int row = 0; row < tokens.length; row++) {
        int last = tokens[row][tokens[row].length - 1];
        lengths[row] += features.length / 4 / tokens.length + tokens[row].length;
        logits[row * 10 + (last + 1) % 10] = 5;
        logits[row * 10 + 3] += broken;
      }
    }

    @Override
    public void select(int[] rows) {
      calls.add("select " + Arrays.toString(rows));
      lengths = Arrays.stream(rows).map(r -> lengths[r]).toArray();
    }

    @Override
    public void truncate(int length) {
      throw new AssertionError("greedy decoding never goes back");
    }

    @Override
    public LanguageSession fork(int[] kept, int capacity) {
      throw new AssertionError("greedy decoding never forks");
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }

  private Counting session = new Counting(1);
  private int capacity;

  private List<Sequence> run(Prompt... prompts) {
    session = new Counting(prompts.length);
    try (DecodingLoop loop = start(prompts)) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      assertThat(loop.step()).isFalse();
      return loop.results().stream().map(r -> r.get(0)).toList();
    }
  }

  private DecodingLoop start(Prompt... prompts) {
    return DecodingLoop.start(
        (rows, room) -> {
          capacity = room;
          return session;
        },
        CONFIG,
        List.of(prompts),
        ids -> ids.stream().map(id -> Character.toString('a' + id)).collect(joining()));
  }

  private static Prompt prompt(int max, int min, int... tokens) {
    return new Prompt(
        new float[8],
        tokens,
        GenerationOptions.builder().maxNewTokens(max).minNewTokens(min).build());
  }

  @Test
  void writesUntilTheEndTokenWhichIsKept() {
    Sequence row = run(prompt(8, 0, 2, 6)).get(0);
    assertThat(row.ids()).containsExactly(7, 8, 9);
    assertThat(row.finish()).contains(FinishReason.EOS);
    assertThat(session.calls).containsExactly("[[2, 6]]", "[[7]]", "[[8]]", "close");
  }

  @Test
  void writesNoMoreThanAsked() {
    Sequence row = run(prompt(2, 0, 2, 3)).get(0);
    assertThat(row.ids()).containsExactly(4, 5);
    assertThat(row.finish()).contains(FinishReason.LENGTH);
    assertThat(capacity).isEqualTo(2 + 2 + 1);
  }

  @Test
  void anEndTokenAtTheLimitIsAnEnd() {
    Sequence row = run(prompt(2, 0, 7)).get(0);
    assertThat(row.ids()).containsExactly(8, 9);
    assertThat(row.finish()).contains(FinishReason.EOS);
  }

  @Test
  void minNewTokensForbidsTheEndTokenUntilThen() {
    Sequence row = run(prompt(9, 4, 7)).get(0);
    assertThat(row.ids()).startsWith(8, 0).doesNotContain(9).hasSize(9);
    assertThat(run(prompt(4, 2, 7)).get(0).ids()).hasSize(4).startsWith(8, 0);
  }

  @Test
  void rowsThatAreDoneLeave() {
    List<Sequence> rows = run(prompt(3, 0, 2), prompt(3, 0, 2, 8), prompt(3, 0, 7));
    assertThat(rows.get(0).ids()).containsExactly(3, 4, 5);
    assertThat(rows.get(1).ids()).containsExactly(9);
    assertThat(rows.get(2).ids()).containsExactly(8, 9);
    assertThat(session.calls)
        .containsExactly(
            "[[2], [2, 8], [7]]", "select [0, 2]", "[[3], [8]]", "select [0]", "[[4]]", "close");
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
    List<Sequence> rows = run(new Prompt(new float[8], new int[] {2}, late), prompt(3, 0, 5));
    assertThat(rows.get(0).finish()).contains(FinishReason.DEADLINE);
    assertThat(rows.get(0).ids()).containsExactly(3);
    assertThat(rows.get(1).ids()).containsExactly(6, 7, 8);
    assertThat(session.calls)
        .containsExactly("[[2], [5]]", "select [1]", "[[6]]", "[[7]]", "close");
  }

  @Test
  void cancellingBeforeTheFirstTokenComputesNothing() {
    session = new Counting(1);
    try (DecodingLoop loop = start(prompt(3, 0, 5))) {
      loop.cancel();
      assertThat(loop.step()).isFalse();
      assertThat(loop.results().get(0).get(0).finish()).contains(FinishReason.CANCELLED);
      assertThat(session.calls).isEmpty();
    }
  }

  @Test
  void noNumberIsNoToken() {
    session = new Counting(1);
    session.broken = Float.NaN;
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
