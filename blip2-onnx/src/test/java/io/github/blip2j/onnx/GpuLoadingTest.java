package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GPU's graphs are all open when a model is loaded: its memory may be too small for the last. */
class GpuLoadingTest {
  private static final String LOST = "lost.safetensors";

  @TempDir Path cache;

  /** Computes what another does, and adds a weight whose file is not there any more. */
  private record Lost(Stage real, WeightTensor weight) implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      return List.of(ops.addParameter(real.apply(ops, inputs.values()).get(0), weight));
    }
  }

  /** A language model whose decoder cannot be opened. */
  private record Spoiled(LanguageProgram real, WeightTensor lost) implements LanguageProgram {
    @Override
    public Stage decoder() {
      Stage stage = real.decoder();
      return new Stage(
          stage.name(),
          stage.inputs(),
          stage.outputs(),
          stage.cache(),
          stage.memory(),
          new Lost(stage, lost));
    }

    @Override
    public TextConfig config() {
      return real.config();
    }

    @Override
    public Optional<Stage> encoder() {
      return real.encoder();
    }

    @Override
    public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
      return real.decoderInputs(step, features);
    }

    @Override
    public NextStep nextStep() {
      return real.nextStep();
    }
  }

  private LoadRequest spoiled() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    ModelProgram whole = checkpoint.program();
    int width = whole.language().config().vocabularySize();
    Path file = checkpoint.directory().resolve(LOST);
    WeightTensor lost =
        new WeightTensor("lost", DType.F32, List.of((long) width), file, 0, 4L * width);
    ModelProgram program =
        new ModelProgram(
            whole.vision(), whole.qformer(), new Spoiled(whole.language(), lost), null, List.of());
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    return new LoadRequest(checkpoint, program, execution, cache, LoadListener.NONE);
  }

  @Test
  void whatCannotBeOpenedIsSaidWhileLoading() {
    assertThatThrownBy(() -> new GpuBackend().load(spoiled()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("ONNX Runtime refuses it")
        .hasMessageContaining(LOST);
  }

  /** Else the first image would wait for what it does not need. */
  @Test
  void onAProcessorTheImageStagesAreEnough() {
    OnnxLibrary.start(cache);
    try (LoadedModel model = new OnnxBackend().load(spoiled())) {
      float[] patches = model.vision().encode(new float[3 * 56 * 56], 1);
      assertThat(model.qformer().encode(patches, 1).queries()).isNotEmpty();
    }
  }
}
