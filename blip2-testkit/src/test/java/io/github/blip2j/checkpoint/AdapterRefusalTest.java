package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that cannot be merged, or not into this checkpoint. */
class AdapterRefusalTest {
  private static final String QUERY = "language_model.model.decoder.layers.0.self_attn.q_proj";
  private static final String TABLE = "language_model.model.decoder.embed_tokens";

  @TempDir Path folder;

  private final Checkpoint base = Checkpoint.open(Fixtures.directory("tiny-opt"));

  private void refused(AdapterFiles adapter, String... parts) {
    refused(adapter.write(folder.resolve("adapter" + System.nanoTime())), parts);
  }

  private void refused(Path adapter, String... parts) {
    assertThatThrownBy(() -> base.withAdapter(adapter, folder.resolve("cache")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected")
        .hasMessageContaining("found")
        .satisfies(e -> List.of(parts).forEach(p -> assertThat(e).hasMessageContaining(p)));
    assertThat(folder.resolve("cache/adapters").toFile().list((f, n) -> n.endsWith("tensors")))
        .isNullOrEmpty();
  }

  private static AdapterFiles query(Consumer<ObjectNode> config) {
    return new AdapterFiles().config(config).layer(QUERY, 2, 40, 40);
  }

  @ParameterizedTest
  @CsvSource({"IA3", "LOHA", "LOKR", "ADALORA", "PREFIX_TUNING", "XLORA"})
  void otherKindsOfAdapter(String type) {
    refused(query(c -> c.put("peft_type", type)), "peft_type", "[LORA]", "\"" + type + "\"");
  }

  @Test
  void anAdapterThatSaysNothing() {
    refused(query(c -> c.remove("peft_type")), "peft_type", "found \"nothing\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "use_qalora|true",
        "use_bdlora|{\"nblocks\":2}",
        "layer_replication|[[0,4],[2,5]]",
        "target_parameters|[\"mlp.experts\"]",
        "trainable_token_indices|[1,2]",
        "alora_invocation_tokens|[5]",
        "arrow_config|{\"top_k\":3}"
      })
  void settingsThatComputeSomethingElse(String key, String value) throws IOException {
    var node = new ObjectMapper().readTree(value);
    refused(query(c -> c.set(key, node)), key + ": expected none", "found " + value);
  }

  /** They are in every file that PEFT writes. */
  @Test
  void settingsThatAreOffAreNotMinded() {
    AdapterFiles adapter =
        query(
            c -> {
              c.put("use_qalora", false).putNull("layer_replication").putNull("arrow_config");
              c.putObject("loftq_config");
              c.put("init_lora_weights", true).put("inference_mode", true);
            });
    Path written = adapter.write(folder.resolve("plain"));
    assertThat(base.withAdapter(written, folder.resolve("cache")).adapter()).hasSize(32);
  }

  @ParameterizedTest
  @CsvSource({"pissa", "pissa_niter_4", "olora", "corda", "loftq"})
  void beginningsThatChangeTheCheckpoint(String kind) {
    refused(query(c -> c.put("init_lora_weights", kind)), "init_lora_weights", kind, "converts it");
  }

  @Test
  void codeThatComesWithAModel() {
    refused(
        query(
            c ->
                c.putObject("auto_mapping")
                    .put("parent_library", "transformers_modules.evil.modeling")),
        "parent_library",
        "transformers_modules.evil.modeling",
        "is not run");
  }

  @Test
  void targetsThatMatchNothing() {
    refused(
        query(c -> c.putArray("target_modules").add("k_proj")),
        "[\"k_proj\"]",
        "tensors of",
        QUERY);
    refused(query(c -> c.putArray("target_modules").add("j.q_proj")), "j.q_proj", QUERY);
    refused(query(c -> c.put("target_modules", "q_proj")), "\"q_proj\"", QUERY);
    refused(query(c -> c.put("layers_to_transform", 1)), "in layers 1", QUERY);
  }

  @Test
  void modulesThatTheCheckpointDoesNotHave() {
    String other = QUERY.replace("layers.0", "layers.7");
    refused(new AdapterFiles().layer(other, 2, 40, 40), "it has no " + other + ".weight");
    refused(query(c -> {}).tensor("pooler.weight", 4, 4), "it has no pooler.weight");
    refused(
        new AdapterFiles()
            .layer("vision_model.encoder.layers.0.self_attn.qkv", 2, 24, 72)
            .tensor("query_tokens.lora_B.bias", 3),
        "query_tokens.weight");
  }

  @Test
  void ranksThatAreNotTheSettings() {
    refused(new AdapterFiles().layer(QUERY, 3, 40, 40), "lora_A.weight", "[2, 40]", "[3, 40]");
    refused(query(c -> c.putObject("rank_pattern").put("q_proj", 4)), "[4, 40]", "found [2, 40]");
    refused(query(c -> c.putObject("rank_pattern").put("q_proj", 0)), "a positive integer", "0");
    refused(query(c -> c.put("r", -1)), "r: expected a positive integer", "-1");
    refused(query(c -> c.put("lora_alpha", "much")), "lora_alpha", "\"much\"");
  }

  @Test
  void shapesThatAreNotTheCheckpoints() {
    refused(new AdapterFiles().layer(QUERY, 2, 64, 64), "[2, 40]", "found [2, 64]");
    refused(new AdapterFiles().layer(QUERY, 2, 40, 64), "lora_B.weight", "[40, 2]", "[64, 2]");
    refused(query(c -> {}).tensor(TABLE + ".weight", 450, 40), "[448, 40]", "F32 [450, 40]");
    refused(query(c -> {}).tensor(QUERY + ".lora_B.bias", 39), "[40]", "found [39]");
    refused(
        new AdapterFiles().layer(QUERY.replace("self_attn.q_proj", "final_layer_norm"), 2, 40, 40),
        "a weight of two axes",
        "[40]");
  }

  @Test
  void partsThatAreMissing() {
    refused(new AdapterFiles().tensor(QUERY + ".lora_A.weight", 2, 40), "its B [40, 2]", "[A]");
    refused(new AdapterFiles().tensor(QUERY + ".lora_B.weight", 40, 2), "its A [2, 40]", "[B]");
    refused(query(c -> c.put("use_dora", true)), "its magnitude [40]", "[A, B]");
    refused(
        query(c -> {}).tensor(QUERY + ".lora_magnitude_vector", 40), "magnitude without use_dora");
    refused(
        new AdapterFiles()
            .config(c -> c.put("use_dora", true))
            .tensor(TABLE + ".lora_embedding_A", 2, 448)
            .tensor(TABLE + ".lora_embedding_B", 40, 2),
        "use_dora for an embedding");
    refused(new AdapterFiles().tensor("language_projection.weight", 40, 32), "tensors of LoRA");
  }

  @Test
  void tensorsThatAreSomethingElse() {
    refused(query(c -> {}).tensor(QUERY + ".lora_C.weight", 2), "lora_C.weight");
    refused(query(c -> {}).renamed("base_model.model.", ""), "base_model.model.", QUERY);
  }

  @Test
  void twoNamesOfOneTable() {
    Path tiny = Fixtures.directory("tiny-t5");
    AdapterFiles adapter = new AdapterFiles();
    for (String name : List.of("shared", "encoder.embed_tokens")) {
      String module = "language_model." + name;
      var shape =
          Checkpoint.open(tiny).weights().all().stream()
              .filter(t -> t.name().equals("language_model.shared.weight"))
              .findFirst()
              .orElseThrow()
              .shape();
      adapter.tensor(module + ".lora_embedding_A", 2, shape.get(0));
      adapter.tensor(module + ".lora_embedding_B", shape.get(1), 2);
    }
    Path written = adapter.write(folder.resolve("twice"));
    assertThatThrownBy(() -> Checkpoint.open(tiny).withAdapter(written, folder.resolve("cache")))
        .hasMessageContaining("one change of language_model.shared.weight, found two");
  }

  @Test
  void tiesThatAreToBeKept() {
    refused(
        new AdapterFiles()
            .config(c -> c.put("ensure_weight_tying", true))
            .layer("language_model.lm_head", 2, 40, 448),
        "ensure_weight_tying: expected false");
  }

  @Test
  void numbersThatAreNone() {
    refused(
        query(c -> {}).fill(QUERY + ".lora_B.weight", Float.NaN), "finite numbers", "NaN in row 0");
    refused(
        query(c -> c.put("lora_alpha", 1e41)).fill(QUERY + ".lora_A.weight", 1),
        "finite numbers",
        "Infinity");
  }

  @Test
  void expressionsThatNeverEnd() {
    refused(
        query(c -> c.put("target_modules", "(.*)(.*)(.*)(.*)(.*)x")), "target_modules", "steps");
    refused(query(c -> c.putObject("rank_pattern").put("(", 2)), "rank_pattern", "expression");
    refused(query(c -> c.put("target_modules", "a".repeat(2001))), "at most 2000 letters");
  }

  @Test
  void foldersThatAreNone() throws IOException {
    refused(folder.resolve("nowhere"), "an adapter's directory");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refused(empty, "adapter_config.json: expected this file");
    Path weightless = query(c -> {}).write(folder.resolve("weightless"));
    Files.delete(weightless.resolve("adapter_model.safetensors"));
    refused(weightless, "adapter_model.safetensors or adapter_model.bin");
    Files.copy(
        Fixtures.directory("hostile-bin").resolve("calls-eval.bin"),
        weightless.resolve("adapter_model.bin"));
    refused(weightless, "adapter_model.bin", "__builtin__.eval, which is not run");
  }

  @Test
  void anAdapterIsNoModel() {
    Path adapter = query(c -> {}).write(folder.resolve("adapter"));
    assertThatThrownBy(() -> Checkpoint.open(adapter))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a checkpoint with config.json, found an adapter");
  }
}
