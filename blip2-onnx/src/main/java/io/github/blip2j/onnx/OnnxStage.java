package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.host.Host;
import io.github.blip2j.spi.Execution;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * One compiled graph: the session, and its options, which must outlive it. It may still be opening
 * when it is made; what needs it waits. Safe for many threads; closing twice does nothing.
 */
final class OnnxStage implements AutoCloseable {
  private final String name;
  private final Device device;
  private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
  private final CompletableFuture<OrtSession> session;
  private boolean closed;

  /**
   * Begins to open a session over weights that stay in their files, in a thread of its own: packing
   * a language model takes seconds, of one thread only.
   *
   * @param plan of the stage
   * @param compiled an ONNX model, and the folder that its external locations are relative to
   * @param execution the device and its threads
   */
  OnnxStage(StagePlan plan, PreparedWeights.Compiled compiled, Execution execution) {
    this.name = plan.name();
    this.device = execution.device();
    try {
      session =
          CompletableFuture.supplyAsync(
              () -> open(plan, compiled, execution),
              task -> new Thread(task, "blip2 opens " + plan.name()).start());
    } catch (RuntimeException | Error e) { // no thread to be had
      options.close();
      throw e;
    }
  }

  private OrtSession open(StagePlan plan, PreparedWeights.Compiled compiled, Execution execution) {
    try {
      OrtEnvironment environment = OnnxLibrary.environment(); // before any device is added
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
      options.setIntraOpNumThreads(execution.threads());
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(plan.arena().choice());
      // Weights are used where they are mapped, unless a prepacked copy of them is asked for.
      options.addConfigEntry("session.disable_prepacking", plan.packed() ? "0" : "1");
      // Threads spin for so long after a node: enough for the next, short enough for neighbours.
      options.addConfigEntry("session.intra_op.spin_duration_us", "50");
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", compiled.folder().toString());
      if (device.type() == Device.Type.CUDA) {
        CudaProvider.add(options, device);
      }
      String profile = Host.setting("blip2.onnx.profile");
      if (profile != null) {
        options.enableProfiling(profile + "-" + name);
      }
      return environment.createSession(compiled.graph(), options);
    } catch (OrtException e) {
      throw refused(name, device, e);
    }
  }

  /** A device that is too small or fails is no fault of the checkpoint. */
  static Blip2Exception refused(String name, Device device, OrtException e) {
    String said = name + ": ONNX Runtime refuses it: " + e.getMessage();
    return CudaProvider.advice(device, e)
        .<Blip2Exception>map(a -> new BackendUnavailableException(said + "; " + a, e))
        .orElseGet(() -> new CheckpointException(said, e));
  }

  /**
   * Waits until it is open.
   *
   * @throws CheckpointException if ONNX Runtime refuses the graph or its weights
   * @throws BackendUnavailableException if the device has no room for them, or fails
   */
  OnnxStage ready() {
    session();
    return this;
  }

  private OrtSession session() {
    try {
      return session.join();
    } catch (CompletionException e) {
      String message = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      if (e.getCause() instanceof CheckpointException) {
        throw new CheckpointException(String.valueOf(message), e);
      }
      if (e.getCause() instanceof BackendUnavailableException) {
        throw new BackendUnavailableException(String.valueOf(message), e);
      }
      throw new InferenceException(name + ": cannot be opened: " + message, e);
    }
  }

  /** Runs the graph and returns the outputs as new arrays, in the order of {@code outputs}. */
  float[][] run(Map<String, OnnxTensor> inputs, String[] outputs) {
    try (OrtSession.Result result = session().run(inputs, Set.of(outputs))) {
      float[][] arrays = new float[outputs.length][];
      for (int i = 0; i < outputs.length; i++) {
        OnnxTensor tensor = (OnnxTensor) result.get(outputs[i]).orElseThrow();
        FloatBuffer floats = tensor.getByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
        arrays[i] = new float[floats.remaining()];
        floats.get(arrays[i]);
      }
      return arrays;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Runs the graph into tensors that the caller owns. */
  void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    try (OrtSession.Result result = session().run(inputs, Set.of(), outputs)) {
      assert result.size() == outputs.size();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Runs the graph into tensors that the caller owns, and reads further outputs.
   *
   * @param reader is given them by name; they end with the call
   */
  <T> T run(
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> outputs,
      Set<String> further,
      Function<Function<String, OnnxTensor>, T> reader) {
    try (OrtSession.Result result = session().run(inputs, further, outputs)) {
      return reader.apply(name -> (OnnxTensor) result.get(name).orElseThrow());
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private InferenceException failed(OrtException e) {
    return failed(name, device, e);
  }

  static InferenceException failed(String name, Device device, OrtException e) {
    String advice = CudaProvider.advice(device, e).map(a -> "; " + a).orElse("");
    return new InferenceException(name + ": ONNX Runtime failed: " + e.getMessage() + advice, e);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        session.handle((open, refused) -> Optional.ofNullable(open)).join().ifPresent(this::close);
      } finally {
        options.close();
      }
    }
  }

  private void close(OrtSession open) {
    try {
      open.close();
    } catch (OrtException e) {
      throw new InferenceException(name + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
