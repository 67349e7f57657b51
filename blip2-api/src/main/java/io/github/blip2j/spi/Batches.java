package io.github.blip2j.spi;

import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.util.List;
import java.util.Locale;

/** Checks what stages of a fixed size for each image are given, alike for every backend. */
final class Batches {
  private Batches() {}

  /** A batch as an input of a stage, all of whose other axes are fixed. */
  static HostTensor of(Stage stage, String name, float[] values, int batch) {
    List<Axis> axes =
        stage.inputs().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow().axes();
    long[] shape = axes.stream().mapToLong(Axis::size).toArray();
    long size = 1;
    for (int i = 1; i < shape.length; i++) {
      size *= shape[i];
    }
    if (batch < 1 || batch * size != values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected batch (%d, at least 1) × %d floats, found %d",
              name,
              batch,
              size,
              values.length));
    }
    shape[0] = batch;
    return new HostTensor.Floats(values, shape);
  }
}
