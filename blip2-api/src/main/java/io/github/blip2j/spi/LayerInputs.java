package io.github.blip2j.spi;

import java.util.Optional;

/**
 * What linear layers were given while a model read a few images and texts in float32: what their
 * weights can be rounded for. Safe for many threads.
 */
public interface LayerInputs {
  /**
   * Samples of what a layer is multiplied by.
   *
   * @param weight name of the layer's weight (out,in)
   * @return the samples, the same object for layers that are given the same; nothing if none were
   *     taken
   */
  Optional<Samples> of(String weight);

  /**
   * Vectors.
   *
   * @param count N, at least 1
   * @param width of each
   * @param values (N,width) float32, row by row, not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // read where it lies, not compared
  record Samples(int count, int width, float[] values) {
    /** Checks the number of values. */
    public Samples {
      if (count < 1 || values.length != count * width) {
        throw new IllegalArgumentException(
            "samples: expected ("
                + count
                + ","
                + width
                + ") numbers of at least one vector, found "
                + values.length);
      }
    }
  }
}
