package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.blip2j.CheckpointException;
import io.github.blip2j.Device;
import io.github.blip2j.InferenceException;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.Retrieval;
import io.github.blip2j.spi.VisionEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One TorchScript module with the weights of a checkpoint. */
final class DjlModel implements LoadedModel {
  private final ModelConfig config;
  private final Device device;
  private final ScriptModule module;
  private final SessionCount sessions = new SessionCount();

  private DjlModel(ModelConfig config, Device device, ScriptModule module) {
    this.config = config;
    this.device = device;
    this.module = module;
  }

  static DjlModel load(LoadRequest request) {
    Checkpoint checkpoint = request.checkpoint();
    ModelConfig config = checkpoint.config();
    ModelTexts texts = ModelTexts.of(checkpoint);
    JniUtils.setNumThreads(request.execution().threads());
    WeightSlots slots = new WeightSlots();
    Lowering lowering = Lowering.choose(request.execution());
    byte[] archive = ModelScript.compile(lowering, slots, texts);
    ScriptModule module = open(archive, request.execution().device());
    try {
      fill(module, slots, request);
      return new DjlModel(config, request.execution().device(), module);
    } catch (InferenceException e) {
      module.close();
      throw new CheckpointException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      module.close();
      throw e;
    }
  }

  private static ScriptModule open(byte[] archive, Device device) {
    try {
      return new ScriptModule(archive, device);
    } catch (EngineException e) {
      throw new CheckpointException("PyTorch refuses the model: " + e.getMessage(), e);
    }
  }

  /** Hands the weights over, each as a view of its mapped file that is prepared and dropped. */
  private static void fill(ScriptModule module, WeightSlots slots, LoadRequest request) {
    List<Path> files = request.checkpoint().weightFiles();
    for (Path file : files) {
      for (int copy = 0; copy < 2; copy++) {
        IValue size = IValue.from(size(file));
        module.run("loading", "map", IValue.from(file.toString()), size).close();
      }
    }
    int done = 0;
    for (WeightSlots.Slot slot : slots.inOrder()) {
      boolean plain = slot.kernel() == LinearKernel.PLAIN;
      take(module, slot.tensor(), slot.kernel(), files, plain ? 1 : 0, request);
      request.listener().progress("weights", ++done, slots.size());
    }
    for (WeightSlots.Packed slot : slots.packedInOrder()) {
      IValue bias = IValue.from((long) slot.bias());
      take(module, slot.tensor(), slot.kernel(), files, 0, request, bias);
      request.listener().progress("weights", ++done, slots.size());
    }
    module.run("loading", "done").close();
  }

  /** Appends a weight to one of the module's lists, from the mapping that stays or the other. */
  private static void take(
      ScriptModule module,
      WeightTensor tensor,
      LinearKernel kernel,
      List<Path> files,
      int mapping,
      LoadRequest request,
      IValue... more) {
    long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
    IValue[] arguments = {
      IValue.from(2L * files.indexOf(tensor.file()) + mapping),
      IValue.from((long) dtype(tensor)),
      IValue.from((long) tensor.dtype().bytes()),
      IValue.from(tensor.offset()),
      IValue.listFrom(shape),
      IValue.from(request.execution().device().toString())
    };
    IValue[] all = Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(IValue[]::new);
    module.run("loading " + tensor.name(), "take_" + ModelScript.suffix(kernel), all).close();
  }

  /** PyTorch's number of a type. */
  private static int dtype(WeightTensor tensor) {
    return switch (tensor.dtype()) {
      case F32 -> 6;
      case F16 -> 5;
      case BF16 -> 15;
      default -> throw new CheckpointException(tensor.name() + ": is no weight");
    };
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public VisionEncoder vision() {
    return (pixels, batch) -> {
      Inputs.pixels(config, pixels, batch);
      int side = config.vision().imageSize();
      try (PtNDManager scope = module.scope()) {
        IValue input = ScriptModule.floats(scope, pixels, batch, 3, side, side);
        return ScriptModule.floats(scope, module.run("vision", "vision", input));
      }
    };
  }

  @Override
  public QFormer qformer() {
    return (patches, batch) -> {
      Inputs.patches(config, patches, batch);
      int count = config.vision().patches();
      try (PtNDManager scope = module.scope()) {
        IValue input =
            ScriptModule.floats(scope, patches, batch, count, config.vision().hiddenSize());
        float[][] read = ScriptModule.arrays(scope, module.run("qformer", "qformer", input));
        return new QFormer.Output(read[0], read[1]);
      }
    };
  }

  @Override
  public LanguageModel language() {
    return new DjlLanguage(config.text(), device.toString(), module, sessions);
  }

  @Override
  public Retrieval retrieval() {
    config.retrieval(); // says why there is none
    return new DjlRetrieval(config, module);
  }

  @Override
  public void close() {
    sessions.close();
    try {
      module.close();
    } catch (EngineException e) {
      throw new IllegalStateException("the module cannot be closed", e);
    }
  }
}
