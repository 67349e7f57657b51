package io.github.blip2j.internal.session;

import io.github.blip2j.checkpoint.ModelConfig;
import java.util.Locale;

/** Checks what the stages are given, alike for every backend. */
public final class Inputs {
  private Inputs() {}

  /** Pixels of a batch must be (B,3,side,side). */
  public static void pixels(ModelConfig config, float[] pixels, int batch) {
    require("pixels", batch, config.vision().pixels(), pixels.length);
  }

  /** Patch vectors of a batch must be (B,N,E). */
  public static void patches(ModelConfig config, float[] patches, int batch) {
    int size = config.vision().patches() * config.vision().hiddenSize();
    require("patches", batch, size, patches.length);
  }

  private static void require(String name, int batch, int size, int found) {
    if (batch < 1 || (long) batch * size != found) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected batch (%d, at least 1) × %d floats, found %d",
              name,
              batch,
              size,
              found));
    }
  }
}
