package io.github.blip2j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.ProcessMemory;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.files.DType;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomCheckpointTest {
  private static final String SMALL =
      """
      {"model_type": "blip-2", "num_query_tokens": 4,
       "vision_config": {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
        "num_attention_heads": 4, "image_size": 28},
       "qformer_config": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4},
       "text_config": {"hidden_size": 40, "ffn_dim": 56, "num_hidden_layers": 2,
        "num_attention_heads": 5, "vocab_size": 448, "eos_token_id": 202,
        "max_position_embeddings": 64}}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"F32, onnx", "F16, onnx", "BF16, onnx", "F32, djl", "F16, djl", "BF16, djl"})
  void canBeLoadedAndCaptionsForExactlySoManyTokens(DType dtype, String backend)
      throws IOException {
    long parameters = new RandomCheckpoint(dtype, 7).write(SMALL, folder);
    Checkpoint checkpoint = Checkpoint.open(folder);
    assertThat(checkpoint.weights().all()).allMatch(t -> t.dtype() == dtype);
    assertThat(checkpoint.weights().all().stream().mapToLong(t -> t.elements()).sum())
        .isEqualTo(parameters);
    try (Blip2 blip2 =
        Blip2.builder().model(folder).backend(backend).cacheDirectory(folder).load()) {
      BufferedImage source = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
      GeneratedText text =
          blip2
              .captioner()
              .withOptions(GenerationOptions.builder().maxNewTokens(20).minNewTokens(20).build())
              .caption(ImageSource.of(source));
      assertThat(text.tokenIds()).hasSize(20);
    }
  }

  @Test
  void weightsHaveTheVarianceOfOneOverInputsAndNormsAreNearOne() throws IOException {
    new RandomCheckpoint(DType.F16, 7).write(SMALL, folder);
    Checkpoint checkpoint = Checkpoint.open(folder);
    float[] up =
        checkpoint
            .weights()
            .tensor("vision_model.encoder.layers.0.mlp.fc1.weight", 40, 24)
            .floats();
    double square = 0;
    for (float w : up) {
      square += w * w / up.length;
    }
    assertThat(square).isBetween(0.9 / 24, 1.1 / 24);
    for (float w : checkpoint.weights().tensor("qformer.layernorm.weight", 32).floats()) {
      assertThat(w).isBetween(0.89f, 1.11f);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX) // the only system that the class is written for
  void memoryIsReadFromTheSystem() throws IOException {
    ProcessMemory memory = ProcessMemory.now();
    assertThat(memory.resident()).isPositive().isLessThanOrEqualTo(memory.peak());
    assertThat(memory.anonymous()).isPositive();
  }
}
