package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;
import java.util.List;

/**
 * What the frame header says (T.81, B.2.2), and the sizes that follow from it.
 *
 * @param coding how coefficients are stored
 * @param width samples in a row, at least 1
 * @param height rows, at least 1
 * @param components one, three or four
 * @param maxH the largest horizontal sampling factor
 * @param maxV the largest vertical one
 */
record JpegFrame(
    Coding coding, int width, int height, List<Component> components, int maxH, int maxV) {
  /** Samples in a row and a column of a block. */
  static final int BLOCK = 8;

  private static final int MAX_SAMPLING = 4;

  /** The kinds of frame that libjpeg reads. */
  enum Coding {
    BASELINE(false, false),
    PROGRESSIVE(true, false),
    ARITHMETIC(false, true),
    ARITHMETIC_PROGRESSIVE(true, true);

    final boolean progressive;
    final boolean arithmetic;

    Coding(boolean progressive, boolean arithmetic) {
      this.progressive = progressive;
      this.arithmetic = arithmetic;
    }
  }

  /**
   * One component.
   *
   * @param id its name in scan headers
   * @param h samples in a row, relative to the other components, 1 to 4
   * @param v rows, likewise
   * @param quantization which table its coefficients are multiplied by
   */
  record Component(int id, int h, int v, int quantization) {}

  JpegFrame {
    components = List.copyOf(components);
  }

  static JpegFrame of(Coding coding, int width, int height, List<Component> components) {
    int maxH = components.stream().mapToInt(Component::h).max().orElse(1);
    int maxV = components.stream().mapToInt(Component::v).max().orElse(1);
    return new JpegFrame(coding, width, height, components, maxH, maxV);
  }

  /** Checks what libjpeg checks (jdinput.c, initial_setup; jdsample.c, jinit_upsampler). */
  void check() throws IOException {
    for (Component c : components) {
      if (c.h < 1 || c.h > MAX_SAMPLING || c.v < 1 || c.v > MAX_SAMPLING) {
        throw new IOException("sampling factors: expected 1 to 4, found " + c.h + "x" + c.v);
      }
    }
    for (Component c : components) {
      if (maxH % c.h != 0 || maxV % c.v != 0) {
        throw new IOException(
            "sampling factors: expected divisors of "
                + (maxH + "x" + maxV)
                + (", found " + c.h + "x" + c.v));
      }
    }
  }

  /** MCUs beside each other when all components are interleaved. */
  int mcusWide() {
    return ceil(width, BLOCK * maxH);
  }

  /** Blocks in such an MCU. */
  int blocksInMcu() {
    return components.stream().mapToInt(c -> c.h * c.v).sum();
  }

  /** Rows of such MCUs. */
  int mcuRows() {
    return ceil(height, BLOCK * maxV);
  }

  /** Samples of a component in a row. */
  int samplesWide(Component c) {
    return ceil(width * c.h, maxH);
  }

  /** Rows of samples of a component. */
  int samplesHigh(Component c) {
    return ceil(height * c.v, maxV);
  }

  /** Blocks of a component in a row, without those that only fill the last MCU. */
  int blocksWide(Component c) {
    return ceil(width * c.h, BLOCK * maxH);
  }

  /** Rows of blocks of a component, without those that only fill the last MCU. */
  int blocksHigh(Component c) {
    return ceil(height * c.v, BLOCK * maxV);
  }

  /** Rows of blocks that one row of MCUs holds of a component, without filling. */
  int blockRows(Component c, int mcuRow) {
    return Math.min(c.v, blocksHigh(c) - mcuRow * c.v);
  }

  private static int ceil(int value, int divisor) {
    return (value + divisor - 1) / divisor;
  }
}
