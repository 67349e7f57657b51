package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How weights were packed is read of the settings, and what cannot be unpacked named. */
class QuantizationConfigTest {
  @TempDir Path folder;

  private Path edited(Consumer<ObjectNode> change) {
    Path it = Fixtures.copy("tiny-opt", folder.resolve("it" + System.nanoTime()));
    Checkpoints.edit(it.resolve("config.json"), change);
    return it;
  }

  private Path packed(Consumer<ObjectNode> settings) {
    return edited(c -> settings.accept(c.putObject("quantization_config")));
  }

  private static void refused(Path it, String... messages) {
    assertThatThrownBy(() -> Checkpoint.open(it))
        .isInstanceOf(CheckpointException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gptq", "awq", "hqq", "quanto", "fp8", "compressed-tensors", "new-one"})
  void othersAreRefusedByName(String method) {
    refused(
        packed(c -> c.put("quant_method", method).put("bits", 4)),
        "config.json: quantization_config: quant_method: expected bitsandbytes",
        "found \"" + method + "\"",
        "use the checkpoint that was quantised");
  }

  @Test
  void itMayStandInTheLanguageModelsSettings() {
    refused(
        edited(
            c ->
                ((ObjectNode) c.get("text_config"))
                    .putObject("quantization_config")
                    .put("quant_method", "awq")),
        "text_config: quantization_config: quant_method",
        "\"awq\"");
  }

  @Test
  void aMethodMustBeNamed() {
    refused(packed(c -> c.put("bits", 8)), "found \"nothing\"");
    refused(packed(c -> c.put("quant_method", 8)), "quant_method: expected a string, found 8");
  }

  @Test
  void fourBitsAreNf4() {
    refused(
        packed(c -> c.put("load_in_4bit", true)),
        "bnb_4bit_quant_type: expected \"nf4\", found \"fp4\"",
        "not the same in all releases");
    refused(
        packed(c -> c.put("load_in_4bit", true).put("bnb_4bit_quant_type", "int4")),
        "found \"int4\"");
  }

  /** Before a model is loaded, too, where capabilities are asked for. */
  @Test
  void capabilitiesAreNotPromised() {
    Path it = packed(c -> c.put("quant_method", "gptq"));
    assertThatThrownBy(() -> Blip2.builder().model(it).capabilities())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("gptq");
  }

  /** Settings that ask for packing change nothing of weights that are not packed. */
  @ParameterizedTest
  @CsvSource({
    "bitsandbytes, load_in_8bit",
    "bitsandbytes_8bit, load_in_8bit",
    ", load_in_8bit",
    "bitsandbytes_4bit, load_in_4bit"
  })
  void plainWeightsStayPlain(String method, String flag) {
    Path it =
        packed(
            c -> c.put("quant_method", method).put(flag, true).put("bnb_4bit_quant_type", "nf4"));
    assertThat(Checkpoint.open(it).identity())
        .isEqualTo(Checkpoint.open(Fixtures.directory("tiny-opt")).identity());
  }
}
