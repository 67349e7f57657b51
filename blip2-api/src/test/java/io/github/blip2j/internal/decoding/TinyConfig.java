package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.internal.family.opt.OptConfig;
import java.util.List;

/** The least decoder that the tests of decoding do with. */
public final class TinyConfig {
  /** Floats of a vector. */
  public static final int WIDTH = 4;

  private static final int FEED_FORWARD = 8;
  private static final int LAYERS = 1;
  private static final int HEADS = 2;
  private static final int START = 2;
  private static final int PAD = 1;

  private TinyConfig() {}

  /** A decoder whose last token ends a text. */
  public static TextConfig of(int vocabulary, int positions) {
    List<Integer> ends = List.of(vocabulary - 1);
    return new OptConfig(
        WIDTH, FEED_FORWARD, LAYERS, HEADS, vocabulary, positions, "relu", ends, START, PAD);
  }
}
