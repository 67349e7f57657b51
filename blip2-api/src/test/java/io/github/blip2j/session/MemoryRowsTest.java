package io.github.blip2j.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryRowsTest {
  @Test
  void oneRowAPromptStandsWhereItIs() {
    EncoderMemory.Rows.Layout layout = EncoderMemory.Rows.of(3).layout();
    assertThat(layout.rows()).containsExactly(0, 1, 2);
    assertThat(layout.places()).containsExactly(0, 1, 2);
  }

  /** Prompt 0 has one row, prompt 1 three: each gets three places, of which two are left over. */
  @Test
  void rowsStandByPromptInTheirOrder() {
    EncoderMemory.Rows rows = EncoderMemory.Rows.of(2).select(new int[] {1, 0, 1, 1});
    assertThat(rows.prompt()).containsExactly(1, 0, 1, 1);
    EncoderMemory.Rows.Layout layout = rows.layout();
    assertThat(layout.rows()).containsExactly(1, 0, 0, 0, 2, 3);
    assertThat(layout.places()).containsExactly(3, 0, 4, 5);
  }

  @Test
  void aPromptThatLostItsRowsKeepsItsPlaces() {
    EncoderMemory.Rows rows =
        EncoderMemory.Rows.of(2).select(new int[] {1, 1}).select(new int[] {1});
    assertThat(rows.prompts()).isEqualTo(2);
    EncoderMemory.Rows.Layout layout = rows.layout();
    assertThat(layout.rows()).containsExactly(0, 0);
    assertThat(layout.places()).containsExactly(1);
  }

  /** Of three prompts two are used, of the other two one: what nobody uses is left out. */
  @Test
  void rowsOfTwoMemoriesShareTheirUsedPrompts() {
    EncoderMemory.Rows own = EncoderMemory.Rows.of(3).select(new int[] {2, 0, 2});
    EncoderMemory.Rows other = EncoderMemory.Rows.of(2).select(new int[] {1});
    assertThat(own.used()).containsExactly(0, 2);
    assertThat(other.used()).containsExactly(1);
    EncoderMemory.Rows joined = own.join(other);
    assertThat(joined.prompts()).isEqualTo(3);
    assertThat(joined.prompt()).containsExactly(1, 0, 1, 2);
  }
}
