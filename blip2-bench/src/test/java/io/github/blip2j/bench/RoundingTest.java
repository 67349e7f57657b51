package io.github.blip2j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.files.DType;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Checkpoints with outlier channels, and what a precision makes of them. */
class RoundingTest {
  private static final String NARROW =
      """
      {"model_type": "blip-2", "num_query_tokens": 4,
       "vision_config": {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3,
        "num_attention_heads": 4, "image_size": 56},
       "qformer_config": {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "encoder_hidden_size": 128},
       "text_config": {"hidden_size": 64, "ffn_dim": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "vocab_size": 448, "eos_token_id": 202,
        "max_position_embeddings": 64}}
      """;

  @TempDir Path folder;

  private EncodedImage encoded(Path model, String backend, String precisions) {
    BufferedImage source = new BufferedImage(60, 56, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 60 * 56; i++) {
      source.setRGB(i % 60, i / 60, i * 7919);
    }
    try (Blip2 blip2 =
        Blip2.builder()
            .model(model)
            .backend(backend)
            .precisions(Precisions.parse(precisions))
            .cacheDirectory(folder.resolve("cache"))
            .load()) {
      return blip2.encode(ImageSource.of(source));
    }
  }

  private Path written(String name, RandomCheckpoint.Outliers outliers) throws IOException {
    Path model = folder.resolve(name);
    new RandomCheckpoint(DType.F32, 3, outliers).write(NARROW, model);
    return model;
  }

  /** They are as large as is said, change nothing that is not rounded, and eight bits hold. */
  @ParameterizedTest
  @CsvSource({"onnx", "djl"})
  void eightBitsAreNearWithOutliers(String backend) throws IOException {
    Path plain = written("plain", RandomCheckpoint.Outliers.NONE);
    EncodedImage exact = encoded(plain, backend, "float32,float32,float32");
    double without = RoundingCommand.error(exact, encoded(plain, backend, "int8,float32,float32"));
    Path planted = written("planted", new RandomCheckpoint.Outliers(6, 100));
    assertThat(Files.mismatch(model(plain), model(planted))).isNotNegative();
    EncodedImage same = encoded(planted, backend, "float32,float32,float32");
    assertThat(RoundingCommand.error(exact, same)).isLessThan(1e-4);
    double with = RoundingCommand.error(same, encoded(planted, backend, "int8,float32,float32"));
    assertThat(without).isBetween(1e-4, 0.02);
    assertThat(with).isBetween(1e-4, 0.02);
  }

  private static Path model(Path directory) {
    return directory.resolve("model.safetensors");
  }

  @Test
  void theCommandPrintsErrorAndTimes() throws IOException {
    Path config = Files.writeString(folder.resolve("own.json"), NARROW);
    Path model = folder.resolve("model");
    assertThat(
            new CommandLine(new RandomCheckpointCommand())
                .execute("--out=" + model, "--config=" + config, "--outliers=2", "--factor=60"))
        .isZero();
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    StringWriter out = new StringWriter();
    int status =
        new CommandLine(new RoundingCommand())
            .setOut(new PrintWriter(out))
            .execute(
                "--model=" + model,
                "--image=" + image,
                "--precision=int8,float32,float32",
                "--runs=1",
                "--device=cpu");
    assertThat(status).isZero();
    assertThat(out.toString())
        .matches(
            "onnx int8,float32,float32: error [0-9.]+ %; float32 [0-9.]+ s, this [0-9.]+ s\\R");
  }
}
