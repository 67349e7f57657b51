package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.host.DirectMemory;
import io.github.blip2j.spi.LoadRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Hands weights to a module, never more than one of them in memory twice. For one thread. */
final class WeightLoader implements AutoCloseable {
  private final ScriptModule module;
  private final String device;
  private final List<Path> mapped = new ArrayList<>();
  private DirectMemory memory = new DirectMemory(0);

  WeightLoader(ScriptModule module, LoadRequest request) {
    this.module = module;
    this.device = request.execution().device().toString();
  }

  /** A weight that stays in its file, which is mapped the first time. */
  void map(WeightTensor tensor) {
    if (!mapped.contains(tensor.file())) {
      mapped.add(tensor.file());
      IValue path = IValue.from(tensor.file().toString());
      module.run("loading", "map", path, IValue.from(size(tensor.file()))).close();
    }
    module
        .run(
            stage(tensor),
            "take_plain",
            IValue.from((long) mapped.indexOf(tensor.file())),
            IValue.from((long) dtype(tensor)),
            IValue.from((long) tensor.dtype().bytes()),
            IValue.from(tensor.offset()),
            shape(tensor),
            IValue.from(device))
        .close();
  }

  /** A weight that its kernel turns into something else. */
  void give(WeightTensor tensor, LinearKernel kernel, IValue... more) {
    if (memory.bytes().capacity() < tensor.bytes()) {
      memory.close();
      memory = new DirectMemory(tensor.bytes());
    }
    ByteBuffer bytes = memory.bytes();
    bytes.clear().limit((int) tensor.bytes());
    tensor.read(bytes);
    try (PtNDManager scope = module.scope()) {
      IValue[] arguments = {
        ScriptModule.bytes(scope, bytes.flip().slice().order(ByteOrder.nativeOrder())),
        IValue.from((long) dtype(tensor)),
        IValue.from((long) tensor.dtype().bytes()),
        shape(tensor),
        IValue.from(device)
      };
      IValue[] all = Stream.concat(Stream.of(arguments), Stream.of(more)).toArray(IValue[]::new);
      module.run(stage(tensor), "take_" + ModelScript.suffix(kernel), all).close();
    }
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
