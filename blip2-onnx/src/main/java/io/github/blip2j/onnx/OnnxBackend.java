package io.github.blip2j.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.github.blip2j.Device;
import io.github.blip2j.Precision;
import io.github.blip2j.Precisions;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.WeightBytes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** BLIP-2 on ONNX Runtime. */
public final class OnnxBackend implements Backend {
  private static final int LOGS_ERRORS = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR.getValue();

  /** Creates the provider; loads nothing native. */
  public OnnxBackend() {}

  @Override
  public String id() {
    return "onnx";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public Optional<String> obstacle(Device device) {
    try {
      environment();
    } catch (LinkageError | RuntimeException e) {
      return Optional.of("ONNX Runtime cannot be loaded: " + e.getMessage());
    }
    if (device.type() != Device.Type.CUDA) {
      return Optional.empty();
    }
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      return Optional.of("this ONNX Runtime has no CUDA; use the artifact onnxruntime_gpu");
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addCUDA(device.index());
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of("CUDA cannot be used: " + e.getMessage());
    }
  }

  /** Float16 on a card: half the memory, and attention to a cache is one kernel there. */
  @Override
  public Precisions precisions(Device device) {
    return Precisions.of(device.type() == Device.Type.CUDA ? Precision.FLOAT16 : Precision.FLOAT32);
  }

  @Override
  public Set<Precision> drafts(Device device) {
    return device.type() == Device.Type.CUDA
        ? Set.of()
        : EnumSet.of(Precision.INT8, Precision.INT4, Precision.INT4_BLOCK32);
  }

  /** Float32 stages are mapped; quantised and packed ones are the runtime's own copies. */
  @Override
  public long privateBytes(LoadRequest request) {
    Checkpoint checkpoint = request.checkpoint();
    Precisions precisions = request.execution().precisions();
    if (request.execution().device().type() == Device.Type.CUDA) {
      return 0; // they go to the card
    }
    long bytes = 0;
    boolean packed = OnnxModel.imageLayout(request.execution()) == WeightLayout.PACKED;
    if (packed || precisions.vision() != Precision.FLOAT32) {
      bytes += WeightBytes.vision(checkpoint, precisions.vision());
    }
    if (packed || precisions.qformer() != Precision.FLOAT32) {
      bytes += WeightBytes.qformer(checkpoint, precisions.qformer());
    }
    boolean copied =
        precisions.language() != Precision.FLOAT32
            || request.execution().layout() == WeightLayout.PACKED;
    if (copied && checkpoint.config().head() instanceof TextConfig) {
      bytes += WeightBytes.language(checkpoint, precisions.language());
    }
    Precision draft = request.execution().draft().orElse(null);
    if (draft != null && checkpoint.config().head() instanceof TextConfig) {
      bytes += WeightBytes.decoder(checkpoint, draft);
    }
    return bytes;
  }

  @Override
  public LoadedModel load(LoadRequest request) {
    return OnnxModel.load(request);
  }

  /** The process' one environment, which logs errors only. */
  static OrtEnvironment environment() {
    return Environment.ONE;
  }

  /** Made when it is first needed: getting it loads the native library. */
  private static final class Environment {
    static final OrtEnvironment ONE =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "blip2");

    static {
      hold();
    }

    /**
     * Takes a second reference to the native environment, which nobody gives back. The Java class
     * gives its own back in a shutdown hook, under whatever still runs: a process that is ended by
     * a signal would crash there. The class has no call for it; where it has changed inside, all is
     * as it would be without.
     */
    private static void hold() {
      try {
        Class<?> runtime = Class.forName("ai.onnxruntime.OnnxRuntime");
        Field api = runtime.getDeclaredField("ortApiHandle");
        api.setAccessible(true);
        Method create =
            OrtEnvironment.class.getDeclaredMethod(
                "createHandle", long.class, int.class, String.class);
        create.setAccessible(true);
        create.invoke(null, api.getLong(null), LOGS_ERRORS, "blip2");
      } catch (ReflectiveOperationException | RuntimeException e) {
        // Only the crash at the end is not prevented.
      }
    }
  }
}
