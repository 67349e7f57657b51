package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.host.DirectMemory;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.stage.NormFold;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hands weights to a module, never more than one of them in memory twice. For one thread. */
final class WeightLoader implements AutoCloseable {
  private final ScriptModule module;
  private final String device;
  private final long mostRead;
  private final List<Path> mapped = new ArrayList<>();
  private final Map<NormFold, float[]> factors = new HashMap<>();
  private DirectMemory memory = new DirectMemory(0);

  /**
   * Begins.
   *
   * @param mostRead bytes of the largest weight that is read into a buffer; larger ones are seen
   *     where their file is mapped
   */
  WeightLoader(ScriptModule module, LoadRequest request, long mostRead) {
    this.module = module;
    this.mostRead = mostRead;
    this.device = request.execution().device().toString();
  }

  /** A weight that stays in its file, which is mapped the first time. */
  void map(WeightTensor tensor) {
    module
        .run(
            stage(tensor),
            "take_plain",
            file(tensor),
            IValue.from((long) dtype(tensor)),
            IValue.from((long) tensor.dtype().bytes()),
            IValue.from(tensor.offset()),
            shape(tensor),
            IValue.from(device))
        .close();
  }

  /** The place of a weight's file among those that are mapped, which it is from now on. */
  private IValue file(WeightTensor tensor) {
    if (!mapped.contains(tensor.file())) {
      IValue path = IValue.from(tensor.file().toString());
      module.run("loading", "map", path, IValue.from(size(tensor.file()))).close();
      mapped.add(tensor.file());
    }
    return IValue.from((long) mapped.indexOf(tensor.file()));
  }

  /** A norm's weight, divided by its fold's factors. */
  void divide(WeightTensor tensor, NormFold fold) {
    give(tensor, "divided", scope -> List.of(ScriptModule.floats(scope, of(fold), tensor.size(0))));
  }

  /** A weight that its kernel turns into a tensor. */
  void prepare(WeightTensor tensor, LinearKernel kernel) {
    give(tensor, ModelScript.suffix(kernel), scope -> List.of());
  }

  /**
   * A weight that its kernel turns into a packed object.
   *
   * @param bias slot of its bias, or −1
   * @param fold whose factors its columns are multiplied by, or none
   */
  void pack(WeightTensor tensor, LinearKernel kernel, int bias, @Nullable NormFold fold) {
    float[] columns = fold == null ? new float[] {1} : of(fold);
    give(
        tensor,
        ModelScript.suffix(kernel),
        scope ->
            List.of(IValue.from((long) bias), ScriptModule.floats(scope, columns, columns.length)));
  }

  /** Read once, however many weights they scale. */
  private float[] of(NormFold fold) {
    return factors.computeIfAbsent(fold, NormFold::factors);
  }

  private void give(WeightTensor tensor, String suffix, Function<PtNDManager, List<IValue>> more) {
    boolean read = tensor.bytes() <= mostRead;
    try (PtNDManager scope = module.scope()) {
      IValue[] arguments = {
        read ? read(scope, tensor) : module.run(stage(tensor), "mapped", file(tensor)),
        IValue.from((long) dtype(tensor)),
        IValue.from((long) tensor.dtype().bytes()),
        IValue.from(read ? 0 : tensor.offset()),
        shape(tensor),
        IValue.from(device)
      };
      IValue[] all =
          Stream.concat(Stream.of(arguments), more.apply(scope).stream()).toArray(IValue[]::new);
      module.run(stage(tensor), "take_" + suffix, all).close();
    }
  }

  private IValue read(PtNDManager scope, WeightTensor tensor) {
    if (memory.bytes().capacity() < tensor.bytes()) {
      memory.close();
      memory = new DirectMemory(tensor.bytes());
    }
    ByteBuffer bytes = memory.bytes();
    bytes.clear().limit((int) tensor.bytes());
    tensor.read(bytes);
    return ScriptModule.bytes(scope, bytes.flip().slice().order(ByteOrder.nativeOrder()));
  }

  /** Frees what weights were read into. */
  @Override
  public void close() {
    memory.close();
  }

  private static String stage(WeightTensor tensor) {
    return "loading " + tensor.name();
  }

  private static IValue shape(WeightTensor tensor) {
    return IValue.listFrom(tensor.shape().stream().mapToLong(Long::longValue).toArray());
  }

  private static int dtype(WeightTensor tensor) {
    TorchType type =
        switch (tensor.dtype()) {
          case F32 -> TorchType.FLOAT32;
          case F16 -> TorchType.FLOAT16;
          case BF16 -> TorchType.BFLOAT16;
          case F64 -> TorchType.FLOAT64;
          default -> throw new CheckpointException(tensor.name() + ": is no weight");
        };
    return type.number();
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
