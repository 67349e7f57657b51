package io.github.blip2j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.files.DType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LoadTest {
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

  @Test
  void captionsAMinuteAndPercentiles() {
    List<LoadReport.Caption> captions = new ArrayList<>();
    for (int i = 20; i >= 1; i--) {
      captions.add(new LoadReport.Caption(i * 1_000_000_000L, 2L * i * 1_000_000_000L));
    }
    LoadReport report = new LoadReport(captions, 40_000_000_000L, 3);
    assertThat(report.captionsAMinute()).isEqualTo(30);
    assertThat(report.percentile(LoadReport.Caption::first, 50)).isEqualTo(10);
    assertThat(report.percentile(LoadReport.Caption::first, 95)).isEqualTo(19);
    assertThat(report.percentile(LoadReport.Caption::last, 100)).isEqualTo(40);
    assertThat(report.percentile(LoadReport.Caption::last, 1)).isEqualTo(2);
    assertThat(report.line(16, 8))
        .isEqualTo(
            "30.00 captions a minute: 16 callers, 8 rows, 20 captions in 40.0 s; first token p50"
                + " 10.00, p95 19.00 s; last token p50 20.00, p95 38.00 s; 3 refused");
  }

  /** Each for itself, sharing steps, and so many that some are refused and ask again. */
  @ParameterizedTest
  @CsvSource({"0, 0, 4", "3, 8, 4", "1, 0, 3"})
  void everyCallerIsServedHoweverOften(int rows, int waiting, int callers) throws IOException {
    new RandomCheckpoint(DType.F32, 7).write(SMALL, folder);
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new LoadCommand()).setOut(new PrintWriter(out));
    int status =
        command.execute(
            "--model=" + folder,
            "--image=" + image,
            "--callers=" + callers,
            "--captions=9",
            "--tokens=6",
            "--no-same-length",
            "--rows=" + rows,
            "--waiting=" + waiting);
    assertThat(status).isZero();
    assertThat(out.toString())
        .contains(callers + " callers, " + rows + " rows, 9 captions")
        .contains("peak");
  }
}
