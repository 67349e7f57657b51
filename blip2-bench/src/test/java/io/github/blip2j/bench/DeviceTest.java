package io.github.blip2j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The run for a device, on the one that is everywhere. */
class DeviceTest {
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
  private int status;

  private List<String> run(String... more) throws IOException {
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    Path config = Files.writeString(folder.resolve("own.json"), SMALL);
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(
        List.of("--image=" + image, "--out=" + folder.resolve("out"), "--config=" + config));
    StringWriter out = new StringWriter();
    status =
        new CommandLine(new DeviceCommand())
            .setOut(new PrintWriter(out))
            .execute(arguments.toArray(String[]::new));
    return out.toString().lines().toList();
  }

  @Test
  void everyStepOfAWorkingDeviceSaysWhatItFound() throws IOException {
    List<String> lines = run("--device=cpu", "--precision=float32");
    assertThat(status).as("%s", lines).isZero();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0)).contains("onnx on cpu usable", "djl on cpu usable");
    assertThat(lines.get(1)).startsWith("tokens: float32 3 of 3 texts are the CPU's in float32 (");
    assertThat(lines.get(2)).contains("parameters in float16");
    assertThat(lines.get(3))
        .startsWith("real size, float32: opened in ")
        .contains("second question of 5 tokens", "8 texts together")
        .containsPattern("(caption \\d+ ms: vision .+ a token, ids \\[[0-9, ]+\\]; ){3}");
    assertThat(lines.get(4)).matches("whole run: \\d+ s of 350");
    assertThat(run("--device=cpu", "--precision=int8").get(2)).contains("was there");
  }

  /** A device that is not there fails the steps that need it, and the others are made. */
  @Test
  void aStepThatFailsSaysWhyAndTheOthersGoOn() throws IOException {
    List<String> lines = run("--device=cuda:7", "--precision=float32");
    assertThat(status).isEqualTo(1);
    assertThat(lines.get(0)).contains("onnx on cuda:7 not usable: ");
    assertThat(lines.get(1)).startsWith("tokens: FAILED: ").contains("cuda:7");
    assertThat(lines.get(2)).startsWith("checkpoint: ").doesNotContain("FAILED");
    assertThat(lines.get(3)).startsWith("real size, float32: FAILED: ");
  }

  @Test
  void whatTheTimeDoesNotAllowIsLeftOut() throws IOException {
    List<String> lines = run("--device=cpu", "--seconds=0");
    assertThat(status).isZero();
    assertThat(lines.get(0)).isEqualTo("device: left out: no time is left of 0 s");
    assertThat(lines).filteredOn(l -> l.contains("left out: no time")).hasSize(3);
    assertThat(lines)
        .contains(
            "real size, float16: left out: there is no checkpoint",
            "real size, float32: left out: there is no checkpoint")
        .endsWith("whole run: 0 s of 0");
  }
}
