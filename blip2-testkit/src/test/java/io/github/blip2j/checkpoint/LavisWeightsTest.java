package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** BLIP-2's first stage in LAVIS's files: their names, and what is put together of them. */
class LavisWeightsTest {
  private static final String QKV = "vision_model.encoder.layers.1.self_attn.qkv.bias";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "query_tokens, query_tokens",
    "itm_head.weight, itm_head.weight",
    "ln_vision.bias, vision_model.post_layernorm.bias",
    "vision_proj.weight, vision_projection.weight",
    "text_proj.bias, text_projection.bias",
    "Qformer.bert.embeddings.LayerNorm.weight, qformer.layernorm.weight",
    "Qformer.bert.embeddings.word_embeddings.weight, embeddings.word_embeddings.weight",
    "Qformer.bert.encoder.layer.2.attention.self.key.bias,"
        + " qformer.encoder.layer.2.attention.attention.key.bias",
    "Qformer.bert.encoder.layer.0.crossattention.self.value.weight,"
        + " qformer.encoder.layer.0.crossattention.attention.value.weight",
    "Qformer.bert.encoder.layer.0.crossattention.output.LayerNorm.bias,"
        + " qformer.encoder.layer.0.crossattention.output.LayerNorm.bias",
    "Qformer.cls.predictions.transform.dense.weight, cls.predictions.transform.dense.weight",
    "visual_encoder.cls_token, vision_model.embeddings.class_embedding",
    "visual_encoder.blocks.38.norm2.bias, vision_model.encoder.layers.38.layer_norm2.bias",
    "visual_encoder.blocks.3.attn.qkv.weight, vision_model.encoder.layers.3.self_attn.qkv.weight",
    "visual_encoder.blocks.3.attn.proj.bias,"
        + " vision_model.encoder.layers.3.self_attn.projection.bias",
    "visual_encoder.conv1.weight, vision_model.embeddings.patch_embedding.weight",
    "visual_encoder.ln_pre.weight, vision_model.pre_layernorm.weight",
    "visual_encoder.transformer.resblocks.7.attn.in_proj_bias,"
        + " vision_model.encoder.layers.7.self_attn.qkv.bias",
    "visual_encoder.transformer.resblocks.7.attn.out_proj.weight,"
        + " vision_model.encoder.layers.7.self_attn.projection.weight",
    "visual_encoder.transformer.resblocks.7.mlp.c_proj.weight,"
        + " vision_model.encoder.layers.7.mlp.fc2.weight"
  })
  void namesAreTransformers(String lavis, String name) {
    assertThat(LavisNames.renamed(lavis)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "temp",
        "Qformer.bert.embeddings.position_ids",
        "visual_encoder.proj",
        "visual_encoder.ln_post.weight",
        "visual_encoder.head.bias"
      })
  void whatIsNotUsedIsLeftOut(String lavis) {
    assertThat(LavisNames.renamed(lavis)).isEmpty();
  }

  private static Map<String, WeightTensor> weights(Path directory, Path cache) {
    return Checkpoint.byName(Checkpoint.open(directory, cache).weights());
  }

  private static float[] floats(Map<String, WeightTensor> weights, String name) {
    return Objects.requireNonNull(weights.get(name), name).floats();
  }

  /** ViT-g has none for keys. */
  @Test
  void biasesOfQueriesAndValuesBecomeOne() {
    Map<String, WeightTensor> weights = weights(Fixtures.firstStage("tiny-itg"), folder);
    float[] bias = floats(weights, QKV);
    assertThat(bias).hasSize(72);
    assertThat(Arrays.copyOfRange(bias, 24, 48)).containsOnly(0);
    assertThat(Arrays.copyOf(bias, 24)).doesNotContain(0);
    assertThat(Arrays.copyOfRange(bias, 48, 72)).doesNotContain(0);
    assertThat(weights.keySet()).noneMatch(n -> n.contains("q_bias") || n.contains("Qformer"));
  }

  /** Of four blocks that are stored three are used; its keys have a bias, its patches none. */
  @Test
  void clipIsWithoutItsLastBlock() {
    Map<String, WeightTensor> weights = weights(Fixtures.firstStage("tiny-itg-vitl"), folder);
    assertThat(weights.keySet())
        .noneMatch(n -> n.startsWith("vision_model.encoder.layers.3."))
        .anyMatch(n -> n.startsWith("vision_model.encoder.layers.2."));
    assertThat(Arrays.copyOfRange(floats(weights, QKV), 24, 48)).doesNotContain(0);
    assertThat(floats(weights, "vision_model.embeddings.patch_embedding.bias"))
        .hasSize(24)
        .containsOnly(0);
    WeightTensor first =
        Objects.requireNonNull(weights.get("vision_model.embeddings.class_embedding"));
    assertThat(first.shape()).containsExactly(1L, 1L, 24L);
  }

  @Test
  void aCheckpointIsTheSameWhereverItsBiasesLie() {
    Path directory = Fixtures.firstStage("tiny-itg");
    assertThat(Checkpoint.open(directory, folder.resolve("a")).identity())
        .isEqualTo(Checkpoint.open(directory, folder.resolve("b")).identity());
  }

  /** The same files have the heads that match. */
  @Test
  void theyMatchImagesAndTextsIfTheSettingsSaySo() {
    Path copy = Fixtures.copy("tiny-itg", folder.resolve("matching"));
    Checkpoints.edit(
        copy.resolve("config.json"),
        c -> c.putArray("architectures").add("Blip2ForImageTextRetrieval"));
    assertThat(Blip2.builder().model(copy).capabilities()).containsExactly(Capability.MATCH);
    assertThat(Checkpoint.open(copy, folder).program().matching().pairs().name())
        .isEqualTo("pairs");
  }

  @Test
  void theVisionEncoderMustBeThere() throws IOException {
    Path copy = Fixtures.copy("tiny-itg", folder.resolve("blind"));
    Files.delete(copy.resolve("eva_vit_g.pth"));
    assertThatThrownBy(() -> Checkpoint.open(copy, folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected the vision encoder's weights beside the Q-Former's")
        .hasMessageContaining("eva_vit_g.pth or clip_vit_L.pth, found none");
  }

  @Test
  void theQFormerMustBeThere() throws IOException {
    Path copy = Fixtures.copy("tiny-itg", folder.resolve("eyes"));
    Files.delete(copy.resolve("blip2_pretrained.pth"));
    assertThatThrownBy(() -> Checkpoint.open(copy, folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected query_tokens in a .pth file of LAVIS, found none");
  }

  private static List<WeightTensor> stored(Path file, String... names) {
    return Arrays.stream(names)
        .map(name -> new WeightTensor(name, DType.F32, List.of(4L), file, 0, 16))
        .toList();
  }

  /** What was tuned on COCO has a vision encoder of its own, before and behind the bare one. */
  @Test
  void aTunedVisionEncoderIsNotReplacedByTheBareOne() {
    Path bare = Path.of("eva_vit_g.pth");
    for (String name : List.of("blip2_finetune_coco.pth", "my_own.pth")) {
      Path tuned = Path.of(name);
      String norm = "blocks.0.norm1.bias";
      Map<Path, List<WeightTensor>> files = new TreeMap<>();
      files.put(tuned, stored(tuned, "Qformer.bert.x", "query_tokens", "visual_encoder." + norm));
      files.put(bare, stored(bare, norm, "blocks.39.norm1.bias"));
      assertThat(LavisWeights.named(folder, files))
          .extractingByKey("vision_model.encoder.layers.0.layer_norm1.bias")
          .extracting(WeightTensor::file)
          .isEqualTo(tuned);
      files.put(tuned, stored(tuned, "Qformer.bert.x", "query_tokens"));
      assertThat(LavisWeights.named(folder, files).values())
          .extracting(WeightTensor::file)
          .contains(bare, tuned);
    }
  }

  @Test
  void twoQFormersAreRefused() throws IOException {
    Path copy = Fixtures.copy("tiny-itg", folder.resolve("two"));
    Files.copy(copy.resolve("blip2_pretrained.pth"), copy.resolve("blip2_finetune_coco.pth"));
    assertThatThrownBy(() -> Checkpoint.open(copy, folder))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "expected one file with the Q-Former, found blip2_finetune_coco.pth and"
                + " blip2_pretrained.pth");
  }

  @Test
  void theSecondStageIsRecognised() {
    assertThat(LavisNames.isOfSecondStage("opt_proj.weight")).isTrue();
    assertThat(LavisNames.isOfSecondStage("llm_proj.bias")).isTrue();
    assertThat(LavisNames.isOfSecondStage("text_proj.weight")).isFalse();
  }

  /** Weights as Transformers stores them go first. */
  @Test
  void otherFilesGoFirst() throws IOException {
    assertThat(LavisWeights.lieIn(Fixtures.firstStage("tiny-itg"))).isTrue();
    assertThat(LavisWeights.lieIn(Fixtures.directory("tiny-opt"))).isFalse();
    Path copy = Fixtures.copy("tiny-itg", folder.resolve("both"));
    Files.createFile(copy.resolve("pytorch_model.bin.index.json"));
    assertThat(LavisWeights.lieIn(copy)).isFalse();
  }

  /** The start token is the last of the vocabulary, the end token found in the tokenizer. */
  @Test
  void tokensAreTheTokenizers() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.firstStage("tiny-itg"), folder);
    assertThat(checkpoint.config().text().startToken()).isEqualTo(237);
    assertThat(checkpoint.config().text().endTokens()).containsExactly(3);
    assertThat(checkpoint.config().text().padToken()).isZero();
    assertThat(checkpoint.config().text().maxPositions()).isEqualTo(6 + 64);
  }

  @ParameterizedTest
  @CsvSource({"hidden_act, gelu", "num_attention_heads, 5"})
  void clipsSettingsAreChecked(String key, String value) {
    Path copy = Fixtures.copy("tiny-itg-vitl", folder.resolve("odd" + key));
    Checkpoints.edit(
        copy.resolve("config.json"),
        c -> {
          if (value.equals("5")) {
            c.withObject("/vision_config").put(key, 5);
          } else {
            c.withObject("/vision_config").put(key, value);
          }
        });
    assertThatThrownBy(() -> ModelConfig.read(copy))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("vision_config: " + key);
  }
}
