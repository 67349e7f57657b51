package io.github.blip2j.internal.family.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.Rotary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What settings of decoders with rotary positions mean, those of the published ones among them. */
class LlamaConfigTest {
  @TempDir Path folder;

  private LlamaConfig parse(LlamaKind kind, String text) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, text);
    TextConfig config = new LlamaFamily(kind).parse(Json.read(file), Json.empty("generation"));
    return (LlamaConfig) config;
  }

  /** Transformers' LlamaConfig, MistralConfig and Qwen2Config without arguments. */
  @ParameterizedTest
  @CsvSource({
    "LLAMA, 32000, 11008, 32, 2048, false",
    "MISTRAL, 32000, 14336, 8, 4096, false",
    "QWEN2, 151936, 22016, 32, 32768, true"
  })
  void whatIsNotSaidIsTransformersDefault(
      LlamaKind kind, int vocabulary, int feedForward, int shared, int most, boolean bias)
      throws IOException {
    LlamaConfig config = parse(kind, "{}");
    assertThat(config.hiddenSize()).isEqualTo(4096);
    assertThat(config.feedForwardSize()).isEqualTo(feedForward);
    assertThat(config.layers()).isEqualTo(32);
    assertThat(config.cache()).isEqualTo(new CacheLayout(32, shared, 128));
    assertThat(config.normEps()).isEqualTo(1e-6);
    assertThat(config.rotary()).isEqualTo(new Rotary(128, 10_000, 1));
    assertThat(config.vocabularySize()).isEqualTo(vocabulary);
    assertThat(config.maxPositions()).isEqualTo(most);
    assertThat(config.attentionBias()).isEqualTo(bias);
    assertThat(config.tied()).isFalse();
    assertThat(config.encoderDecoder()).isFalse();
    assertThat(config.endTokens()).containsExactly(2);
    assertThat(config.startToken()).isEqualTo(kind == LlamaKind.QWEN2 ? 2 : 1);
  }

  /** It names {@code <s>} as its end, which it never writes, and −1 as what fills rows. */
  @Test
  void thePublishedVicunaEndsAtEitherToken() throws IOException {
    LlamaConfig config =
        parse(
            LlamaKind.LLAMA,
            """
            {"architectures": ["LLaMAForCausalLM"], "bos_token_id": 0, "eos_token_id": 1,
             "pad_token_id": -1, "vocab_size": 32001, "max_sequence_length": 2048}
            """);
    assertThat(config.endTokens()).containsExactly(2, 1);
    assertThat(config.startToken()).isZero();
    assertThat(config.padToken()).isZero();
    assertThat(parse(LlamaKind.LLAMA, "{\"eos_token_id\": [1, 2, 7]}").endTokens())
        .containsExactly(2, 1, 7);
  }

  @Test
  void otherEndsStayAsTheyAreStated() throws IOException {
    assertThat(parse(LlamaKind.LLAMA, "{\"eos_token_id\": [7, 8]}").endTokens())
        .containsExactly(7, 8);
    assertThat(parse(LlamaKind.MISTRAL, "{\"eos_token_id\": 1}").endTokens()).containsExactly(1);
    Path other = folder.resolve("generation.json");
    Files.writeString(other, "{\"eos_token_id\": 9}");
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{}");
    TextConfig config = new LlamaFamily(LlamaKind.QWEN2).parse(Json.read(file), Json.read(other));
    assertThat(config.endTokens()).containsExactly(9);
    assertThat(config.startToken()).isEqualTo(9); // Qwen2 has none of its own
  }

  @Test
  void headsMayBeWiderThanTheModel() throws IOException {
    LlamaConfig config =
        parse(
            LlamaKind.LLAMA,
            "{\"hidden_size\": 48, \"num_attention_heads\": 6, \"num_key_value_heads\": 2,"
                + " \"head_dim\": 10}");
    assertThat(config.attentionWidth()).isEqualTo(60);
    assertThat(config.keyWidth()).isEqualTo(20);
  }

  @Test
  void baseAndScaleAreReadFromEitherPlace() throws IOException {
    String small = "\"hidden_size\": 8, \"num_attention_heads\": 2, \"num_key_value_heads\": 1, ";
    assertThat(parse(LlamaKind.LLAMA, "{" + small + "\"rope_theta\": 50000.0}").rotary())
        .isEqualTo(new Rotary(4, 50_000, 1));
    String old = "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}";
    assertThat(parse(LlamaKind.LLAMA, "{" + small + old + "}").rotary())
        .isEqualTo(new Rotary(4, 10_000, 4));
    String both = "\"rope_parameters\": {\"rope_theta\": 1e6, \"rope_type\": \"default\"}";
    assertThat(parse(LlamaKind.QWEN2, "{" + small + both + "}").rotary())
        .isEqualTo(new Rotary(4, 1e6, 1));
  }

  /** Within its window attention sees everything, so there it is exact. */
  @Test
  void aSlidingWindowBoundsThePositions() throws IOException {
    assertThat(parse(LlamaKind.MISTRAL, "{\"sliding_window\": 512}").maxPositions()).isEqualTo(512);
    assertThat(parse(LlamaKind.MISTRAL, "{\"sliding_window\": null}").maxPositions())
        .isEqualTo(131_072);
    assertThat(parse(LlamaKind.QWEN2, "{\"sliding_window\": 512}").maxPositions())
        .isEqualTo(32_768);
    String on = "{\"sliding_window\": 512, \"use_sliding_window\": true}";
    assertThat(parse(LlamaKind.QWEN2, on).maxPositions()).isEqualTo(512);
  }

  @Test
  void aTiedHeadIsAnotherNameOfTheTable() throws IOException {
    assertThat(parse(LlamaKind.LLAMA, "{}").tokenTable())
        .isEqualTo(List.of("model.embed_tokens.weight"));
    assertThat(parse(LlamaKind.QWEN2, "{\"tie_word_embeddings\": true}").tokenTable())
        .isEqualTo(List.of("model.embed_tokens.weight", "lm_head.weight"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rope_scaling\": {\"rope_type\": \"yarn\"}} | rope_type: expected [default, linear]",
        "{\"rope_scaling\": {\"type\": \"linear\", \"factor\": 0.5}} | factor (0.5)",
        "{\"rope_theta\": 0.5} | base (0.5) must be above 1",
        "{\"head_dim\": 7} | headWidth (7) must be even",
        "{\"num_key_value_heads\": 5} | num_key_value_heads (5) must divide",
        "{\"num_attention_heads\": 3} | num_attention_heads (3) must divide hidden_size (4096)",
        "{\"hidden_act\": \"gelu\"} | hidden_act: expected [silu], found \"gelu\"",
        "{\"attention_bias\": true} | attention_bias: expected false, found true",
        "{\"mlp_bias\": true} | mlp_bias: expected false, found true",
        "{\"eos_token_id\": 32000} | eos_token_id"
      })
  void whatCannotBeComputedIsRefused(String settings, String message) {
    assertThatThrownBy(() -> parse(LlamaKind.LLAMA, settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }
}
