package io.github.blip2j.djl;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.util.Map;
import java.util.regex.Pattern;

/** One TorchScript module with the weights of a checkpoint. */
final class DjlModel implements LoadedModel {
  /** What PyTorch says of a device and of the libraries under it. */
  private static final Pattern FAILED =
      Pattern.compile("CUDA out of memory|CUDA error|CUDA driver|CUBLAS_STATUS|CUDNN_STATUS");

  private final ModelProgram program;
  private final Device device;
  private final ScriptModule module;
  private final SessionCount sessions = new SessionCount();

  private DjlModel(ModelProgram program, Device device, ScriptModule module) {
    this.program = program;
    this.device = device;
    this.module = module;
  }

  static DjlModel load(LoadRequest request, DjlPlan plan) {
    return load(request, plan, Integer.MAX_VALUE);
  }

  /** The same, with the bytes of the largest weight that is read into a buffer. */
  static DjlModel load(LoadRequest request, DjlPlan plan, long mostRead) {
    ModelProgram program = request.program();
    JniUtils.setNumThreads(request.execution().threads());
    WeightSlots slots = new WeightSlots();
    byte[] archive = ModelScript.compile(plan.lowering(), slots, program);
    ScriptModule module = open(archive, request.execution().device());
    try {
      try (WeightLoader loader = new WeightLoader(module, request, mostRead)) {
        fill(loader, slots, request);
      }
      module.run("loading", "done").close();
      return new DjlModel(program, request.execution().device(), module);
    } catch (InferenceException e) {
      module.close();
      throw refused(request.execution().device(), e);
    } catch (RuntimeException | Error e) {
      module.close();
      throw e;
    }
  }

  /** A GPU that is too small or fails is no fault of the checkpoint. */
  static Blip2Exception refused(Device device, InferenceException e) {
    String said = String.valueOf(e.getMessage());
    return device.type() == Device.Type.CUDA && FAILED.matcher(said).find()
        ? new BackendUnavailableException(
            said
                + "; "
                + device
                + " has too little free memory or fails: free some of it, use float16 if that was"
                + " float32, or the CPU",
            e)
        : new CheckpointException(said, e);
  }

  private static ScriptModule open(byte[] archive, Device device) {
    try {
      return new ScriptModule(archive, device);
    } catch (EngineException e) {
      throw new CheckpointException("PyTorch refuses the model: " + e.getMessage(), e);
    }
  }

  /** Hands the weights over: those that stay as views of mapped files, the others as bytes. */
  private static void fill(WeightLoader loader, WeightSlots slots, LoadRequest request) {
    long total = slots.bytes();
    long done = 0;
    for (WeightSlots.Slot slot : slots.inOrder()) {
      if (slot.fold() != null) {
        loader.divide(slot.tensor(), slot.fold());
      } else if (slot.kernel() == LinearKernel.PLAIN) {
        loader.map(slot.tensor());
      } else {
        loader.prepare(slot.tensor(), slot.kernel());
      }
      done += slot.tensor().bytes();
      request.listener().progress("weights", done, total);
    }
    for (WeightSlots.Packed slot : slots.packedInOrder()) {
      loader.pack(slot.tensor(), slot.kernel(), slot.bias(), slot.fold());
      done += slot.tensor().bytes();
      request.listener().progress("weights", done, total);
    }
  }

  @Override
  public ModelProgram program() {
    return program;
  }

  @Override
  public float[][] run(String stage, Map<String, HostTensor> inputs) {
    Stage found = program.stage(stage);
    try (PtNDManager scope = module.scope()) {
      IValue[] arguments = ScriptModule.arguments(scope, found, inputs);
      return ScriptModule.arrays(scope, module.run(stage, stage, arguments));
    }
  }

  @Override
  public LanguageModel language() {
    return new DjlLanguage(program.language(), device.toString(), module, sessions);
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
