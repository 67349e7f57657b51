package io.github.blip2j.internal.family.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What settings of T5 and of its relative for many languages mean. */
class T5ConfigTest {
  @TempDir Path folder;

  private T5Config parse(T5Kind kind, String text) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, text);
    T5Family family = new T5Family(kind);
    assertThat(family.modelType()).isEqualTo(kind == T5Kind.T5 ? "t5" : "mt5");
    return (T5Config) family.parse(Json.read(file), Json.empty("generation"));
  }

  /** Transformers' T5Config without arguments. */
  @Test
  void t5sDefaultsHaveNoGateAndATiedHead() throws IOException {
    T5Config config = parse(T5Kind.T5, "{}");
    assertThat(config.layers()).isEqualTo(6);
    assertThat(config.heads()).isEqualTo(8);
    assertThat(config.feedForwardSize()).isEqualTo(2048);
    assertThat(config.vocabularySize()).isEqualTo(32_128);
    assertThat(config.gated()).isFalse();
    assertThat(config.activation()).isEqualTo("relu");
    assertThat(config.tied()).isTrue();
    assertThat(config.scaledOutputs()).isTrue();
  }

  /** Transformers' MT5Config without arguments: gated by the tanh form of GELU. */
  @Test
  void mt5sDefaultsHaveAGateAndAHeadOfItsOwn() throws IOException {
    T5Config config = parse(T5Kind.MT5, "{}");
    assertThat(config.hiddenSize()).isEqualTo(512);
    assertThat(config.headWidth()).isEqualTo(64);
    assertThat(config.layers()).isEqualTo(8);
    assertThat(config.encoderLayers()).isEqualTo(8);
    assertThat(config.heads()).isEqualTo(6);
    assertThat(config.feedForwardSize()).isEqualTo(1024);
    assertThat(config.vocabularySize()).isEqualTo(250_112);
    assertThat(config.gated()).isTrue();
    assertThat(config.activation()).isEqualTo("gelu_new");
    assertThat(config.decoderStartToken()).isZero();
  }

  /** Version 5 of Transformers says that mT5's head is tied; it computes as if it were not. */
  @Test
  void mt5IsNeverScaledWhateverItSays() throws IOException {
    String said = "{\"tie_word_embeddings\": true, \"scale_decoder_outputs\": true}";
    assertThat(parse(T5Kind.MT5, said).scaledOutputs()).isFalse();
    assertThat(parse(T5Kind.MT5, said).tied()).isFalse();
    assertThat(parse(T5Kind.MT5, said).tokenTable()).doesNotContain("lm_head.weight");
    assertThat(parse(T5Kind.T5, said).scaledOutputs()).isTrue();
  }

  @Test
  void anActivationThatIsNotKnownIsRefused() {
    assertThatThrownBy(() -> parse(T5Kind.MT5, "{\"dense_act_fn\": \"silu\"}"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("dense_act_fn: expected [gelu, gelu_new, relu], found \"silu\"");
  }
}
