package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import io.github.blip2j.testkit.LookaheadContract;
import io.github.blip2j.testkit.TinyOpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop inside the graph. */
class GpuLookaheadTest extends LookaheadContract {
  /** A token that some captions of the fixture have. */
  private static final int OFTEN = 422;

  @TempDir Path folder;

  @Override
  protected Backend backend() {
    return new GpuBackend();
  }

  private static String said(int end) {
    return "\"eos_token_id\": " + end;
  }

  /** No caption of the fixture has an end token; here a token that some have is made one. */
  @Test
  void theLoopEndsWithTheText() throws IOException {
    Path source = Fixtures.directory("tiny-opt");
    Golden.Case golden =
        new Golden(source)
            .cases("caption").stream()
                .filter(c -> c.newIds().get(0).contains(OFTEN))
                .findFirst()
                .orElseThrow();
    List<Integer> ids = golden.newIds().get(0);
    try (var files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    assertThat(text).contains(said(TinyOpt.END));
    Files.writeString(config, text.replace(said(TinyOpt.END), said(OFTEN)));
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    Checkpoint checkpoint = Checkpoint.open(folder);
    assertThat(checkpoint.config().text().endTokens()).containsExactly(OFTEN);
    LoadRequest request = new LoadRequest(checkpoint, execution, folder, LoadListener.NONE);
    try (LoadedModel model = backend().load(request);
        SteppingSession session = model.language().stepping().orElseThrow().open(1, 64)) {
      float[] features = new Golden(source).tensor(golden.images().get(0) + "/projected");
      float[] logits = new float[31 * checkpoint.config().text().vocabularySize()];
      FurtherSteps steps = new FurtherSteps(30, List.of(TokenChoice.LIKELIEST));
      int further =
          session.appendAhead(features, new int[][] {{TinyOpt.START}}, steps, logits).length;
      assertThat(further).isEqualTo(ids.indexOf(OFTEN));
      assertThat(session.length(0)).isEqualTo(TinyOpt.QUERIES + 1 + further);
    }
  }
}
