package io.github.blip2j.internal.family.bloom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.StepPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of BLOOM, and the numbers that take the place of its positions. */
class BloomConfigTest {
  @TempDir Path folder;

  private BloomConfig parse(String text) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, text);
    return (BloomConfig) new BloomFamily().parse(Json.read(file), Json.empty("generation"));
  }

  /** As bloomz-7b1 writes them, and as newer files do. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n_embed\": 4096, \"n_layer\": 30, \"num_attention_heads\": 32}",
        "{\"hidden_size\": 4096, \"n_layer\": 30, \"n_head\": 32}",
        "{\"hidden_size\": 4096, \"num_hidden_layers\": 30, \"n_head\": 32}"
      })
  void sizesHaveOldAndNewNames(String settings) throws IOException {
    BloomConfig config = parse(settings);
    assertThat(config.hiddenSize()).isEqualTo(4096);
    assertThat(config.cache()).isEqualTo(new CacheLayout(30, 32, 128));
    assertThat(config.layerNormEps()).isEqualTo(1e-5);
    assertThat(config.vocabularySize()).isEqualTo(250_880);
    assertThat(config.maxPositions()).isEqualTo(2048);
    assertThat(config.startToken()).isEqualTo(1);
    assertThat(config.endTokens()).containsExactly(2);
    assertThat(config.padToken()).isEqualTo(3);
    assertThat(config.encoderDecoder()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n_head\": 7} | n_head (7) must divide hidden_size (64)",
        "{\"eos_token_id\": 250880} | eos_token_id",
        "{\"apply_residual_connection_post_layernorm\": true} | expected false, found true"
      })
  void whatCannotBeComputedIsRefused(String settings, String message) {
    assertThatThrownBy(() -> parse(settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void slopesAreAPowerForEachHead() {
    // of 8 heads: 1/2, 1/4, … 1/256
    assertThat(Slopes.of(8))
        .containsExactly(
            0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f);
  }

  /** Of 5 heads four are as of four, and one is the first of eight's. */
  @Test
  void headsBeyondAPowerOfTwoLieBetween() {
    // 2^-2, 2^-4, 2^-6, 2^-8; then 2^-1
    assertThat(Slopes.of(5))
        .containsExactly(new float[] {0.25f, 0.0625f, 0.015625f, 0.00390625f, 0.5f}, within(1e-7f));
    // of 6 the next is the third of eight's
    assertThat(Slopes.of(6)[5]).isEqualTo(0.125f);
    assertThat(Slopes.of(1)).containsExactly(0.00390625f);
  }

  @Test
  void distancesOfKeysInFrontAreNegative() {
    StepPlan step =
        new StepPlan(
            0, 2, new long[] {5, 6}, new long[] {1, 2}, new int[] {3}, new long[] {1}, 4, true);
    assertThat(KeyDistances.distances(step)).containsExactly(1, 0, -1, -2, 2, 1, 0, -1);
  }
}
