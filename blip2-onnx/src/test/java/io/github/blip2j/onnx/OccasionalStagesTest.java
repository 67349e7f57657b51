package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.ModelProgram.Occasional;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stages that few ask for cost the others nothing. */
class OccasionalStagesTest {
  private static final int PIXELS = 3 * 56 * 56;

  @TempDir Path cache;

  private LoadRequest request(String name, Precision precision) {
    Execution execution =
        new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(precision));
    return new LoadRequest(
        Checkpoint.open(Fixtures.directory(name)), execution, cache, LoadListener.NONE);
  }

  private static LoadedModel load(LoadRequest request) {
    OnnxBackend backend = new OnnxBackend();
    assertThat(backend.obstacle(Device.CPU, request.cacheDirectory())).isEmpty();
    return backend.load(request);
  }

  /** A body that cannot be compiled, and is not for as long as nobody runs it. */
  private record Uncompiled() implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      throw new IllegalStateException("compiled on purpose");
    }
  }

  @Test
  void nothingIsCompiledBeforeItIsRun() {
    LoadRequest whole = request("tiny-opt", Precision.FLOAT32);
    ModelProgram program = whole.program();
    Occasional part = program.occasional().get(0);
    Stage stage = part.stage();
    Stage spoiled = Stage.of(stage.name(), stage.inputs(), stage.outputs(), new Uncompiled());
    ModelProgram changed =
        new ModelProgram(
            program.vision(),
            program.qformer(),
            program.head(),
            program.instruction(),
            List.of(new Occasional(spoiled, part.like())));
    LoadRequest request =
        new LoadRequest(whole.checkpoint(), changed, whole.execution(), cache, LoadListener.NONE);
    try (LoadedModel model = load(request)) {
      float[] patches = model.vision().encode(new float[PIXELS], 1);
      assertThat(model.qformer().encode(patches, 1).queries()).isNotEmpty();
      assertThatIllegalStateException()
          .isThrownBy(() -> model.qformer().attention(patches, null))
          .withMessage("compiled on purpose");
    }
  }

  /** Prepared weights are found again, not written a second time. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "INT8_WEIGHTS", "INT4"})
  void itsWeightsAreThoseThatArePreparedAlready(Precision precision) throws IOException {
    for (String name : List.of("tiny-opt-fp16-sharded", "tiny-itm", "tiny-instructblip-t5")) {
      try (LoadedModel model = load(request(name, precision))) {
        float[] patches = model.vision().encode(new float[PIXELS], 1);
        List<Path> before = files();
        boolean reads = model.program().hasOccasional(ModelProgram.TEXT_ATTENTION);
        int[] text = {2, 5, 3};
        float[] weights = model.qformer().attention(patches, reads ? text : null);
        assertThat(weights).hasSize(2 * 4 * 6 * 17);
        assertThat(files()).isEqualTo(before);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(cache.resolve("onnx"))) {
      return all.sorted().toList();
    } catch (java.nio.file.NoSuchFileException e) {
      return List.of();
    }
  }

  /** The stages that are open have the old file mapped; another would be opened over the new. */
  @Test
  void nothingIsOpenedOverAFileThatWasReplaced(@TempDir Path folder) {
    Path own = Fixtures.copy("tiny-opt", folder.resolve("own"));
    Execution execution =
        new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(Precision.FLOAT32));
    LoadRequest request =
        new LoadRequest(Checkpoint.open(own), execution, cache, LoadListener.NONE);
    try (LoadedModel model = load(request)) {
      float[] patches = model.vision().encode(new float[PIXELS], 1);
      Checkpoints.replace(own.resolve("model.safetensors"));
      assertThatThrownBy(() -> model.qformer().attention(patches, null))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("it was replaced while it was read");
      assertThat(model.vision().encode(new float[PIXELS], 1)).isEqualTo(patches);
    }
  }

  @Test
  void aReadingThatThereIsNotIsRefused() {
    try (LoadedModel alone = load(request("tiny-opt", Precision.FLOAT32));
        LoadedModel instructed = load(request("tiny-instructblip-t5", Precision.FLOAT32))) {
      float[] patches = new float[17 * 24];
      assertThatIllegalStateException()
          .isThrownBy(() -> alone.qformer().attention(patches, new int[] {2}))
          .withMessageContaining("takes no text");
      assertThatIllegalStateException()
          .isThrownBy(() -> instructed.qformer().attention(patches, null))
          .withMessageContaining("must be given one");
    }
  }

  @Test
  void wrongInputsAreRefusedBeforeAnythingIsCompiled() {
    try (LoadedModel model = load(request("tiny-itm", Precision.FLOAT32))) {
      float[] patches = new float[17 * 24];
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.qformer().attention(patches, new int[41]))
          .withMessage("text 0: expected 1 to 40 tokens, found 41");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.qformer().attention(patches, new int[] {238}))
          .withMessageContaining("below 238");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.qformer().attention(new float[3], null))
          .withMessageContaining("patches");
    }
  }

  @Test
  void aClosedModelOpensNoMore() {
    LoadedModel model = load(request("tiny-opt", Precision.FLOAT32));
    model.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> model.qformer().attention(new float[17 * 24], null))
        .withMessageContaining("closed");
  }
}
