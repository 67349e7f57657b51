package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of settings as Python writes them, and damaged ones. */
class SettingsTest {
  @TempDir Path folder;

  private Path copy(String fixture) {
    return Fixtures.copy(fixture, folder.resolve("it" + System.nanoTime()));
  }

  private Path edited(String fixture, String section, Consumer<ObjectNode> change) {
    Path it = copy(fixture);
    Checkpoints.edit(
        it.resolve("config.json"),
        c -> change.accept(section.isEmpty() ? c : (ObjectNode) c.get(section)));
    return it;
  }

  private static void refused(Path it, String message) {
    assertThatThrownBy(() -> Checkpoint.open(it))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
  }

  private Path withText(String fixture, String from, String to) throws IOException {
    Path it = copy(fixture);
    Path config = it.resolve("config.json");
    String text = Files.readString(config);
    assertThat(text).contains(from);
    Files.writeString(config, text.replace(from, to));
    return it;
  }

  @Test
  void partsThatAreNotNeededMayBeOdd() throws IOException {
    String odd =
        "\"model_type\": \"blip-2\", \"x\": {\"a\": NaN, \"a\": -Infinity}, \"y\": Infinity";
    Path it = withText("tiny-opt", "\"model_type\": \"blip-2\"", odd);
    assertThat(Checkpoint.open(it).config())
        .isEqualTo(Checkpoint.open(Fixtures.directory("tiny-opt")).config());
  }

  @Test
  void whatIsAskedForComesOnceAndIsANumber() throws IOException {
    String twice = "\"num_query_tokens\": 6, \"num_query_tokens\": 6";
    refused(
        withText("tiny-opt", "\"num_query_tokens\": 6", twice),
        "num_query_tokens: expected a positive integer, found \"two values\"");
    refused(
        edited("tiny-t5", "text_config", c -> c.put("layer_norm_epsilon", Double.NaN)),
        "layer_norm_epsilon: expected a");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1e-6, 2, 1e300})
  void anEpsilonIsSmallAndAboveZero(double eps) {
    refused(
        edited("tiny-opt", "vision_config", c -> c.put("layer_norm_eps", eps)),
        "layer_norm_eps: expected a number above 0 and at most 1");
  }

  @Test
  void integersHaveNoFraction() {
    refused(
        edited("tiny-opt", "vision_config", c -> c.put("hidden_size", 24.7)),
        "hidden_size: expected a positive integer, found 24.7");
    refused(
        edited(
            "tiny-opt",
            "vision_config",
            c -> c.put("image_size", 1 << 30).put("patch_size", 1 << 20)),
        "image_size: expected at most 8192, found 1073741824");
  }

  @Test
  void aFileIsWholeOrAbsent() throws IOException {
    for (String name : new String[] {"generation_config.json", "preprocessor_config.json"}) {
      Path it = Fixtures.copy("tiny-opt", folder.resolve("of-" + name));
      Path file = it.resolve(name);
      String text = Files.readString(file);
      Files.writeString(file, text + " }");
      refused(it, name + ": expected JSON, found: ");
      Files.writeString(file, "");
      refused(it, name + ": expected a JSON object, found an empty file");
      Files.delete(file);
      Files.createSymbolicLink(file, folder.resolve("nowhere"));
      refused(it, name + ": cannot be read: there is no such file, or a link leads nowhere");
      Files.delete(file);
      Files.createDirectory(file);
      refused(it, name + ": cannot be read: ");
    }
  }

  @Test
  void anInterruptedReadSaysSo() {
    Thread.currentThread().interrupt();
    try {
      refused(Fixtures.directory("tiny-opt"), "the thread was interrupted");
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void namesWithANullAreRefused() {
    Path it = copy("tiny-opt-fp16-sharded");
    Checkpoints.edit(
        it.resolve("model.safetensors.index.json"),
        c -> ((ObjectNode) c.get("weight_map")).put("query_tokens", "a\0b"));
    refused(it, "query_tokens: expected a file name");
  }

  @ParameterizedTest
  @CsvSource({
    "tiny-opt, vision_config, num_hidden_layers, 2",
    "tiny-opt, qformer_config, num_hidden_layers, 3",
    "tiny-opt, text_config, num_hidden_layers, 1",
    "tiny-t5, text_config, num_layers, 1",
    "tiny-t5, text_config, num_decoder_layers, 1",
    "tiny-opt, qformer_config, cross_attention_frequency, 3",
    "tiny-itm, qformer_config, num_hidden_layers, 1"
  })
  void storedLayersAreUsed(String fixture, String section, String key, int value) {
    refused(edited(fixture, section, c -> c.put(key, value)), section + ": " + key + ": expected");
  }
}
