package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;

  private Path copy(String name) {
    return Fixtures.copy(name, folder.resolve(name));
  }

  private static void refused(Path directory, String... parts) {
    assertThatThrownBy(() -> Checkpoint.open(directory))
        .isInstanceOf(CheckpointException.class)
        .satisfies(e -> List.of(parts).forEach(p -> assertThat(e).hasMessageContaining(p)));
  }

  private Path edited(String file, Consumer<ObjectNode> change) {
    Path target = folder.resolve("edited" + System.nanoTime());
    Fixtures.copy("tiny-opt", target);
    Checkpoints.edit(target.resolve(file), change);
    return target;
  }

  private static ObjectNode at(ObjectNode node, String key) {
    return (ObjectNode) node.get(key);
  }

  @Test
  void readsAFixture() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    ModelConfig config = checkpoint.config();
    assertThat(config.vision())
        .hasToString(
            "VitConfig[hiddenSize=24, intermediateSize=56, layers=3, heads=4, imageSize=56,"
                + " patchSize=14, layerNormEps=1.0E-6, qkvBias=true]");
    assertThat(config.vision().patches()).isEqualTo(17);
    assertThat(config.qformer())
        .hasToString(
            "QFormerConfig[hiddenSize=32, intermediateSize=72, layers=4, heads=4,"
                + " layerNormEps=1.0E-12, crossAttentionFrequency=2, queries=6, textInput=false]");
    assertThat(config.text())
        .hasToString(
            "OptConfig[hiddenSize=40, feedForwardSize=104, layers=3, heads=5, vocabularySize=448,"
                + " maxPositions=160, activation=relu, endTokens=[202], startToken=2, padToken=1]");
    assertThat(config.imageToken()).hasValue(400);
    assertThat(checkpoint.imageProcessor().height()).isEqualTo(56);
    assertThat(checkpoint.weightFiles()).hasSize(1);
  }

  @Test
  void readsShards() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-fp16-sharded"));
    assertThat(checkpoint.weightFiles()).hasSize(4);
    assertThat(checkpoint.weights().tensor("query_tokens", 1, 6, 32).dtype()).isEqualTo(DType.F16);
  }

  @Test
  void whatIsLeftOutHasTheLibrarysDefaults() {
    Path directory =
        edited(
            "config.json",
            c -> {
              c.removeAll();
              c.put("model_type", "blip-2").putObject("text_config").put("vocab_size", 50304);
            });
    ModelConfig config = ModelConfig.read(directory);
    assertThat(config.vision())
        .hasToString(
            "VitConfig[hiddenSize=1408, intermediateSize=6144, layers=39, heads=16, imageSize=224,"
                + " patchSize=14, layerNormEps=1.0E-6, qkvBias=true]");
    assertThat(config.qformer())
        .hasToString(
            "QFormerConfig[hiddenSize=768, intermediateSize=3072, layers=12, heads=12,"
                + " layerNormEps=1.0E-12, crossAttentionFrequency=2, queries=32, textInput=false]");
    assertThat(config.text())
        .hasToString(
            "OptConfig[hiddenSize=768, feedForwardSize=3072, layers=12, heads=12,"
                + " vocabularySize=50304, maxPositions=2048, activation=relu, endTokens=[202],"
                + " startToken=2, padToken=1]");
    assertThat(config.imageToken()).isEmpty();
  }

  @Test
  void theFilesEpsIsObeyed() {
    Path directory = edited("config.json", c -> at(c, "vision_config").put("layer_norm_eps", 1e-5));
    assertThat(Checkpoint.open(directory).config().vision())
        .extracting("layerNormEps")
        .isEqualTo(1e-5);
  }

  @Test
  void endTokensComeFromTheTextConfigThenFromGeneration() {
    Path several =
        edited("config.json", c -> at(c, "text_config").putArray("eos_token_id").add(202).add(2));
    assertThat(Checkpoint.open(several).config().text().endTokens()).containsExactly(202, 2);
    Path silent = edited("config.json", c -> at(c, "text_config").remove("eos_token_id"));
    assertThat(Checkpoint.open(silent).config().text().endTokens()).containsExactly(202);
    Path outside = edited("config.json", c -> at(c, "text_config").put("eos_token_id", 448));
    refused(outside, "eos_token_id", "vocab_size (448)", "found 448");
  }

  @Test
  void idsMustBeInTheVocabulary() {
    refused(
        edited("config.json", c -> c.put("image_token_index", 448)),
        "image_token_index",
        "vocab_size (448)");
    refused(
        edited("config.json", c -> at(c, "text_config").putArray("eos_token_id")),
        "eos_token_id: expected an id, found none");
  }

  @Test
  void processorFilesOfBothGenerationsAreRead() throws IOException {
    Path five = copy("tiny-opt");
    ObjectNode[] image = new ObjectNode[1];
    Checkpoints.edit(five.resolve("preprocessor_config.json"), c -> image[0] = c.deepCopy());
    Files.delete(five.resolve("preprocessor_config.json"));
    image[0].putArray("image_mean").add(0.5).add(0.25).add(0.125);
    Checkpoints.edit(
        five.resolve("processor_config.json"), c -> c.set("image_processor", image[0]));
    assertThat(Checkpoint.open(five).imageProcessor().mean()).containsExactly(0.5f, 0.25f, 0.125f);
    Files.delete(five.resolve("processor_config.json"));
    assertThat(Checkpoint.open(five).imageProcessor().height()).isEqualTo(56);
    assertThat(Checkpoint.open(five).imageProcessor().mean().get(0)).isEqualTo(0.48145466f);
  }

  @Test
  void sizesThatDoNotFitEachOtherAreRefused() {
    refused(
        edited("preprocessor_config.json", c -> at(c, "size").put("height", 57)),
        "expected 56 x 56",
        "found 57 x 56");
    refused(
        edited("processor_config.json", c -> c.put("num_query_tokens", 7)),
        "num_query_tokens",
        "expected 6, found 7");
    refused(
        edited("config.json", c -> at(c, "vision_config").put("num_attention_heads", 5)),
        "num_attention_heads (5) must divide hidden_size (24)");
  }

  @Test
  void wrongPreprocessorValuesAreFaultsOfTheCheckpoint() {
    refused(
        edited("preprocessor_config.json", c -> c.put("rescale_factor", -1.0)),
        "preprocessor_config.json: rescale_factor (-1.0) must be finite and above 0");
    refused(
        edited("preprocessor_config.json", c -> at(c, "size").put("height", 1_000_000_000)),
        "preprocessor_config.json: size.height (1000000000) must be 1 to 8192");
    refused(
        edited("preprocessor_config.json", c -> c.putArray("image_std").add(0.5).add(0).add(0.5)),
        "preprocessor_config.json: image_std ([0.5, 0.0, 0.5]) must be finite and not 0");
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    refused(folder.resolve("nowhere"), "nowhere", "found nothing there");
    Path it = copy("tiny-opt");
    refused(it.resolve("config.json"), "found a file");
    Files.delete(it.resolve("tokenizer.json"));
    refused(it, "tokenizer.json", "found none");
    Files.delete(it.resolve("model.safetensors"));
    Files.writeString(it.resolve("tokenizer.json"), "{}");
    refused(
        it,
        "model.safetensors or pytorch_model.bin or model.safetensors.index.json, found none of them");
    Files.delete(it.resolve("config.json"));
    refused(it, "config.json", "found none");
    Path shards = copy("tiny-opt-fp16-sharded");
    Files.delete(shards.resolve("model-00003-of-00004.safetensors"));
    refused(shards, "model-00003-of-00004.safetensors", "found none");
  }

  @Test
  void otherModelsAreRefusedByName() {
    refused(edited("config.json", c -> c.put("model_type", "llava")), "blip-2", "llava");
    refused(edited("config.json", c -> c.remove("model_type")), "blip-2", "nothing");
    refused(
        edited("config.json", c -> at(c, "text_config").put("model_type", "gpt2")), "opt", "gpt2");
    refused(
        edited("config.json", c -> at(c, "text_config").put("do_layer_norm_before", false)),
        "do_layer_norm_before: expected true, found false");
    refused(
        edited("config.json", c -> at(c, "text_config").put("word_embed_proj_dim", 20)),
        "word_embed_proj_dim: expected 40, found 20");
    refused(
        edited("config.json", c -> at(c, "vision_config").put("hidden_act", "quick_gelu")),
        "hidden_act",
        "quick_gelu");
  }

  @Test
  void wrongValuesAreNamedWithTheirPlace() throws IOException {
    refused(
        edited("config.json", c -> at(c, "vision_config").put("hidden_size", "24")),
        "config.json: vision_config: hidden_size: expected a positive integer, found \"24\"");
    refused(
        edited("config.json", c -> at(c, "qformer_config").put("num_hidden_layers", 0)),
        "num_hidden_layers: expected a positive integer, found 0");
    refused(edited("config.json", c -> c.put("text_config", 3)), "JSON object, found 3");
    Path it = copy("tiny-opt");
    Files.writeString(it.resolve("config.json"), "{ no json");
    refused(it, "config.json: expected JSON");
  }

  @Test
  void anIndexCannotPointElsewhere() {
    Path it = copy("tiny-opt-fp16-sharded");
    Path index = it.resolve("model.safetensors.index.json");
    Checkpoints.edit(index, c -> at(c, "weight_map").put("query_tokens", "../other.safetensors"));
    refused(it, "query_tokens: expected a file name", "../other.safetensors");
    Checkpoints.edit(
        index, c -> at(c, "weight_map").put("query_tokens", "model-00004-of-00004.safetensors"));
    refused(it, "query_tokens in model-00004-of-00004.safetensors");
    Checkpoints.edit(index, c -> c.putObject("weight_map"));
    refused(it, "expected tensors, found none");
  }
}
