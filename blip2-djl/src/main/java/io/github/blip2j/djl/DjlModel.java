package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.Retrieval;
import io.github.blip2j.spi.VisionEncoder;

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

  /** Hands the weights over: those that stay as views of mapped files, the others as bytes. */
  private static void fill(ScriptModule module, WeightSlots slots, LoadRequest request) {
    try (WeightLoader loader = new WeightLoader(module, request)) {
      int done = 0;
      for (WeightSlots.Slot slot : slots.inOrder()) {
        if (slot.kernel() == LinearKernel.PLAIN) {
          loader.map(slot.tensor());
        } else {
          loader.give(slot.tensor(), slot.kernel());
        }
        request.listener().progress("weights", ++done, slots.size());
      }
      for (WeightSlots.Packed slot : slots.packedInOrder()) {
        loader.give(slot.tensor(), slot.kernel(), IValue.from((long) slot.bias()));
        request.listener().progress("weights", ++done, slots.size());
      }
    }
    module.run("loading", "done").close();
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
