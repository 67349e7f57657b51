package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegScan.Band;
import io.github.blip2j.internal.image.jpeg.JpegScan.Table.Arithmetic;
import java.io.IOException;
import java.util.Arrays;

/**
 * Arithmetic coding, sequential (T.81, F.1.4.4 and F.2.4) and progressive (G.1.3; jdarith.c). The
 * statistics of a coefficient stand in threes: end of block, zero, sign or first magnitude bit.
 */
final class ArithmeticBlocks implements BlockDecoder {
  private static final int FIRST_DC_MAGNITUDE = 20; // T.81, table F.4: X1
  private static final int LOW_AC_MAGNITUDE = 189; // table F.5: X2 up to Kx
  private static final int HIGH_AC_MAGNITUDE = 217; // and beyond
  private static final int MAGNITUDE_BITS = 14; // M's distance from X
  private static final int TOO_LARGE = 0x8000;

  private final ArithmeticBits bits;
  private final JpegScan scan;
  private final Band band;
  private final byte[][] dcStatistics = new byte[16][64]; // (slot, statistic)
  private final byte[][] acStatistics = new byte[16][256];
  private final byte[] even = {ArithmeticBits.EVEN};
  private final int[] predictions;
  private final int[] contexts; // by part: how large the last DC difference was

  ArithmeticBlocks(ArithmeticBits bits, JpegScan scan) {
    this.bits = bits;
    this.scan = scan;
    this.band = scan.band();
    this.predictions = new int[scan.parts().size()];
    this.contexts = new int[scan.parts().size()];
  }

  @Override
  public void decode(int part, CoefficientRow row, int block) throws IOException {
    int at = block * CoefficientRow.SIZE;
    if (band.dc() && band.refines()) {
      row.values[at] |= (short) (bits.decide(even, 0) ? 1 << band.low() : 0);
      row.masks[block] |= 1;
      return;
    }
    if (band.dc()) {
      row.values[at] = (short) (dc(part) << band.low());
      row.masks[block] |= 1;
    }
    if (band.refines()) {
      refine(row, block);
    } else if (band.last() > 0) {
      alternating(part, row, block);
    }
  }

  private int dc(int part) throws IOException {
    Arithmetic table = (Arithmetic) scan.parts().get(part).dc();
    byte[] statistics = dcStatistics[table.slot()];
    int context = contexts[part];
    if (!bits.decide(statistics, context)) {
      contexts[part] = 0;
      return predictions[part];
    }
    boolean negative = bits.decide(statistics, context + 1);
    int index = context + (negative ? 3 : 2);
    int magnitude = 0;
    if (bits.decide(statistics, index)) {
      index = FIRST_DC_MAGNITUDE;
      for (magnitude = 1; bits.decide(statistics, index); index++) {
        magnitude = doubled(magnitude);
      }
    }
    if (magnitude < 1 << table.low() >> 1) {
      contexts[part] = 0;
    } else {
      contexts[part] = (magnitude > 1 << table.high() >> 1 ? 12 : 4) + (negative ? 4 : 0);
    }
    int value = value(statistics, index, magnitude);
    predictions[part] = predictions[part] + (negative ? -value : value) & 0xffff;
    return predictions[part];
  }

  private static int doubled(int magnitude) throws IOException {
    if (2 * magnitude == TOO_LARGE) {
      throw new IOException("a coefficient is too large");
    }
    return 2 * magnitude;
  }

  /** The bits below the highest one, and 1 more. */
  private int value(byte[] statistics, int index, int magnitude) {
    int value = magnitude;
    for (int bit = magnitude >> 1; bit != 0; bit >>= 1) {
      if (bits.decide(statistics, index + MAGNITUDE_BITS)) {
        value |= bit;
      }
    }
    return value + 1;
  }

  private void alternating(int part, CoefficientRow row, int block) throws IOException {
    Arithmetic table = (Arithmetic) scan.parts().get(part).ac();
    byte[] statistics = acStatistics[table.slot()];
    for (int k = Math.max(1, band.first()); k <= band.last(); k++) {
      if (bits.decide(statistics, 3 * (k - 1))) {
        return; // end of block
      }
      while (!bits.decide(statistics, 3 * (k - 1) + 1)) {
        k = next(k);
      }
      boolean negative = bits.decide(even, 0);
      int index = 3 * (k - 1) + 2;
      int magnitude = 0;
      if (bits.decide(statistics, index)) {
        magnitude = 1;
        if (bits.decide(statistics, index)) {
          magnitude = 2;
          index = k <= table.high() ? LOW_AC_MAGNITUDE : HIGH_AC_MAGNITUDE;
          for (; bits.decide(statistics, index); index++) {
            magnitude = doubled(magnitude);
          }
        }
      }
      int value = value(statistics, index, magnitude);
      row.set(block, k, (negative ? -value : value) << band.low());
    }
  }

  private int next(int k) throws IOException {
    if (k == band.last()) {
      throw new IOException("a run of zeros is too long");
    }
    return k + 1;
  }

  private void refine(CoefficientRow row, int block) throws IOException {
    Arithmetic table = (Arithmetic) scan.parts().get(0).ac();
    byte[] statistics = acStatistics[table.slot()];
    int bit = 1 << band.low();
    long known = row.masks[block] & -1L >>> (63 - band.last()) & ~1L;
    int lastKnown = known == 0 ? 0 : 63 - Long.numberOfLeadingZeros(known);
    for (int k = band.first(); k <= band.last(); k++) {
      if (k > lastKnown && bits.decide(statistics, 3 * (k - 1))) {
        return; // end of block
      }
      while (true) {
        int value = row.get(block, k);
        int index = 3 * (k - 1);
        if (value != 0) {
          if (bits.decide(statistics, index + 2)) {
            row.set(block, k, value + (value < 0 ? -bit : bit));
          }
          break;
        }
        if (bits.decide(statistics, index + 1)) {
          row.set(block, k, bits.decide(even, 0) ? -bit : bit);
          break;
        }
        k = next(k);
      }
    }
  }

  @Override
  public void restart(int number) throws IOException {
    bits.restart(number);
    for (int slot = 0; slot < dcStatistics.length; slot++) {
      Arrays.fill(dcStatistics[slot], (byte) 0);
      Arrays.fill(acStatistics[slot], (byte) 0);
    }
    Arrays.fill(predictions, 0);
    Arrays.fill(contexts, 0);
  }

  /** Coded data of this kind may leave out zeros at their end, so nothing can be missed. */
  @Override
  public void check() {}
}
