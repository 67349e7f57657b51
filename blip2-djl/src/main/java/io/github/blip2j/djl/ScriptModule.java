package io.github.blip2j.djl;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loaded TorchScript module: every call into the engine goes through here, and so does every
 * engine exception. Safe for many threads once its weights are set; closing twice does nothing.
 */
final class ScriptModule implements AutoCloseable {
  /** What PyTorch says of a device's memory, and of the machine's on each system. */
  private static final Pattern NO_MEMORY =
      Pattern.compile("out of memory|can't allocate memory|not enough memory|bad_alloc");

  private final Model model; // kept reachable: its finalizer would free the module
  private final PtSymbolBlock block;
  private final PtNDManager manager;
  private boolean closed;

  /**
   * Compiles a module.
   *
   * @throws EngineException if the engine does not know an operator of the text
   */
  ScriptModule(byte[] archive, Device device) {
    ai.djl.Device place = place(device);
    model = Model.newInstance("blip2", place, PyTorch.NAME);
    try {
      model.load(new ByteArrayInputStream(archive));
    } catch (IOException | MalformedModelException e) {
      model.close();
      throw new EngineException("the module cannot be loaded", e);
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
    block = (PtSymbolBlock) model.getBlock();
    manager = (PtNDManager) model.getNDManager();
  }

  static ai.djl.Device place(Device device) {
    return device.type() == Device.Type.CUDA
        ? ai.djl.Device.gpu(device.index())
        : ai.djl.Device.cpu();
  }

  /** Arrays of one call; the caller closes it and with it all that it made. */
  PtNDManager scope() {
    return (PtNDManager) manager.newSubManager();
  }

  /**
   * Runs a method. The arguments are closed, whatever happens; the caller closes the result.
   *
   * @param stage is named in errors
   */
  IValue run(String stage, String method, IValue... arguments) {
    return runKeeping(stage, method, List.of(), arguments);
  }

  /** Runs a method whose last arguments stay the caller's. */
  IValue runKeeping(String stage, String method, List<IValue> kept, IValue... arguments) {
    try {
      // Per thread, and it must be off: the optimizer merges equal allocations into one tensor.
      JniUtils.setGraphExecutorOptimize(false);
      IValue[] all = Stream.concat(Stream.of(arguments), kept.stream()).toArray(IValue[]::new);
      return IValueUtils.runMethod(block, method, all);
    } catch (EngineException e) {
      throw failed(stage + ": PyTorch failed: ", e);
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }

  /**
   * Runs a method {@code loss}. DJL closes its arguments only if it succeeds, which is why the
   * weights are none of them: a batch that fails leaves no more than itself behind.
   *
   * @param batch its tensors
   * @param share by what the loss is multiplied
   * @param gradients whether the loss's gradient is added to those of the weights that have any
   * @return the multiplied loss
   */
  double loss(PtNDManager scope, List<HostTensor> batch, float share, boolean gradients) {
    NDList arguments = new NDList();
    NDArray method = scope.create(0);
    method.setName("module_method:loss"); // which has DJL call it, and makes the scope the owner
    arguments.add(method);
    return translated(
        () -> {
          batch.forEach(tensor -> arguments.add(tensor(scope, tensor)));
          arguments.add(scope.create(share));
          JniUtils.setGraphExecutorOptimize(false);
          boolean before = JniUtils.isGradMode(); // of this thread
          JniUtils.setGradMode(gradients);
          try {
            PtNDArray loss = (PtNDArray) IValueUtils.forward(block, arguments, gradients).get(0);
            if (gradients) {
              JniUtils.backward(loss, (PtNDArray) scope.ones(new Shape()), false, false);
            }
            return (double) loss.getFloat();
          } finally {
            JniUtils.setGradMode(before);
          }
        });
  }

  private static NDArray tensor(PtNDManager scope, HostTensor tensor) {
    Shape shape = new Shape(tensor.shape());
    return tensor instanceof HostTensor.Floats floats
        ? scope.create(floats.values(), shape)
        : scope.create(((HostTensor.Integers) tensor).values(), shape);
  }

  /** A float32 weight where it lies in its file; null if it does not lie there as one. */
  static @Nullable PtNDArray mapped(PtNDManager scope, WeightTensor weight, int most) {
    boolean fits = weight.offset() % Float.BYTES == 0 && weight.bytes() <= most;
    return weight.dtype() == DType.F32 && fits
        ? translated(() -> scope.create(weight.map(), shape(weight), DataType.FLOAT32))
        : null;
  }

  /** Zeros, float32, of a weight's shape. */
  static PtNDArray zeros(PtNDManager scope, WeightTensor weight) {
    return translated(() -> (PtNDArray) scope.zeros(shape(weight)));
  }

  private static Shape shape(WeightTensor weight) {
    return new Shape(weight.shape());
  }

  /** A float32 tensor argument. */
  static IValue floats(PtNDManager scope, float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(values);
    return translated(() -> IValue.from(scope.create(bytes, new Shape(shape), DataType.FLOAT32)));
  }

  /** A uint8 tensor argument over a direct buffer, which must outlive it. */
  static IValue bytes(PtNDManager scope, ByteBuffer bytes) {
    Shape shape = new Shape(bytes.remaining());
    return translated(() -> IValue.from(scope.create(bytes, shape, DataType.UINT8)));
  }

  /** An int64 tensor argument. */
  static IValue longs(PtNDManager scope, long[] values, long... shape) {
    return translated(() -> IValue.from((PtNDArray) scope.create(values, new Shape(shape))));
  }

  /** A stage's inputs as arguments, in order. */
  static IValue[] arguments(PtNDManager scope, Stage stage, Map<String, HostTensor> inputs) {
    IValue[] arguments = new IValue[stage.inputs().size()];
    for (int i = 0; i < arguments.length; i++) {
      String name = stage.inputs().get(i).name();
      HostTensor tensor = Objects.requireNonNull(inputs.get(name), name);
      arguments[i] =
          tensor instanceof HostTensor.Floats floats
              ? floats(scope, floats.values(), floats.shape())
              : longs(scope, ((HostTensor.Integers) tensor).values(), tensor.shape());
    }
    return arguments;
  }

  /** Copies a tensor result to the heap and closes the result. */
  static float[] floats(PtNDManager scope, IValue result) {
    try (IValue value = result) {
      return translated(() -> value.toTensor(scope).toFloatArray());
    }
  }

  /** Copies a list of tensors to the heap and closes it. */
  static float[][] arrays(PtNDManager scope, IValue result) {
    try (IValue value = result) {
      return translated(
          () ->
              Arrays.stream(value.toTensorArray(scope))
                  .map(PtNDArray::toFloatArray)
                  .toArray(float[][]::new));
    }
  }

  static <R> R translated(Supplier<R> work) {
    try {
      return work.get();
    } catch (EngineException e) {
      throw failed("PyTorch refuses a tensor: ", e);
    }
  }

  /** Where memory is short an error that says so is the cause: with less it may go on. */
  private static InferenceException failed(String what, EngineException e) {
    String said = what + e.getMessage();
    return new InferenceException(
        said,
        NO_MEMORY.matcher(said).find() ? new OutOfMemoryError(e.getMessage()).initCause(e) : e);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      model.close();
    }
  }
}
