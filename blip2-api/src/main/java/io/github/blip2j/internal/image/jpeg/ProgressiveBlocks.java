package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegScan.Band;
import java.io.IOException;
import java.util.Arrays;

/**
 * Progressive Huffman coding (T.81, G.2; jdphuff.c). There are four kinds of scan: DC or AC, first
 * bits or one more.
 */
final class ProgressiveBlocks implements BlockDecoder {
  private static final int ZEROS = 15; // the run that stands for 16 zeros and no coefficient

  private final EntropyBits bits;
  private final HuffmanTable[] tables; // by part of the scan; none where DC is refined
  private final Band band;
  private final int[] predictions;
  private int emptyBlocks; // EOBRUN: how many blocks have no further symbols in this scan

  ProgressiveBlocks(EntropyBits bits, HuffmanTable[] tables, Band band, int parts) {
    this.bits = bits;
    this.tables = tables;
    this.band = band;
    this.predictions = new int[parts];
  }

  @Override
  public void decode(int part, CoefficientRow row, int block) throws IOException {
    if (band.dc()) {
      if (band.refines()) {
        row.values[block * CoefficientRow.SIZE] |= (short) (bits.read(1) << band.low());
      } else {
        predictions[part] += SequentialBlocks.difference(bits, tables[part]);
        row.values[block * CoefficientRow.SIZE] = (short) (predictions[part] << band.low());
      }
      row.masks[block] |= 1;
    } else if (band.refines()) {
      refine(row, block);
    } else if (emptyBlocks > 0) {
      emptyBlocks--;
    } else {
      first(row, block);
    }
  }

  private void first(CoefficientRow row, int block) throws IOException {
    for (int k = band.first(); k <= band.last(); k++) {
      int entry = bits.symbol(tables[0]);
      int run = entry >> 9 & 15;
      int size = entry >> 5 & 15;
      int value = entry >> 16;
      if ((entry & HuffmanTable.HAS_VALUE) == 0) {
        if (size == 0) {
          if (run < ZEROS) {
            emptyBlocks = runOfBlocks(run) - 1;
            return;
          }
          k += run;
          continue;
        }
        value = HuffmanTable.extend(bits.read(size), size);
      }
      k += run;
      row.set(block, k, value << band.low());
    }
  }

  private int runOfBlocks(int size) {
    return size == 0 ? 1 : (1 << size) + bits.read(size);
  }

  private void refine(CoefficientRow row, int block) throws IOException {
    int k = band.first();
    if (emptyBlocks == 0) {
      for (; k <= band.last(); k++) {
        int entry = bits.symbol(tables[0]);
        int run = entry >> 9 & 15;
        int value = sign(entry);
        if (value == 0 && run < ZEROS) {
          emptyBlocks = runOfBlocks(run);
          break;
        }
        k = correct(row, block, k, run);
        if (value != 0) {
          row.set(block, k, value << band.low());
        }
      }
    }
    if (emptyBlocks > 0) {
      correct(row, block, k, CoefficientRow.SIZE);
      emptyBlocks--;
    }
  }

  /** What a symbol adds: 1 or -1 in the bit that this scan holds, 0 when it adds nothing. */
  private int sign(int entry) throws IOException {
    if ((entry & HuffmanTable.HAS_VALUE) != 0 && Math.abs(entry >> 16) == 1) {
      return entry >> 16;
    }
    int size = entry >> 5 & 15;
    if ((entry & HuffmanTable.HAS_VALUE) != 0 || size > 1) {
      throw new IOException("a coefficient of more than one bit in a scan that refines");
    }
    return size == 0 ? 0 : 2 * bits.read(1) - 1;
  }

  /**
   * Reads a bit for each coefficient that is not zero, from {@code k} on, until as many zeros were
   * passed and one more is reached, or the band's end. The mask leads from one such coefficient to
   * the next.
   *
   * @return where that one more zero is, or the first index behind the band
   */
  private int correct(CoefficientRow row, int block, int k, int zeros) {
    int end = band.last() + 1;
    int left = zeros;
    for (int i = k; ; i++) {
      long rest = i == CoefficientRow.SIZE ? 0 : row.masks[block] >>> i;
      int next = rest == 0 ? end : i + Long.numberOfTrailingZeros(rest);
      if (i + left < Math.min(next, end)) {
        return i + left;
      }
      if (next >= end) {
        return end;
      }
      left -= next - i;
      i = next;
      if (bits.read(1) == 1) {
        enlarge(row, block, i);
      }
    }
  }

  private void enlarge(CoefficientRow row, int block, int k) {
    int value = row.get(block, k);
    int bit = 1 << band.low();
    if ((value & bit) == 0) {
      row.set(block, k, value + (value >= 0 ? bit : -bit));
    }
  }

  @Override
  public void restart(int number) throws IOException {
    bits.restart(number);
    Arrays.fill(predictions, 0);
    emptyBlocks = 0;
  }

  @Override
  public void check() throws IOException {
    bits.check();
  }
}
