package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;
import java.util.Arrays;

/** Sequential Huffman coding (T.81, F.2.2; jdhuff.c, decode_mcu). */
final class SequentialBlocks implements BlockDecoder {
  private final EntropyBits bits;
  private final HuffmanTable[] dc; // by part of the scan
  private final HuffmanTable[] ac;
  private final int[] predictions;

  SequentialBlocks(EntropyBits bits, HuffmanTable[] dc, HuffmanTable[] ac) {
    this.bits = bits;
    this.dc = dc;
    this.ac = ac;
    this.predictions = new int[dc.length];
  }

  @Override
  public void decode(int part, CoefficientRow row, int block) throws IOException {
    predictions[part] += difference(bits, dc[part]);
    int at = block * CoefficientRow.SIZE;
    row.values[at] = (short) predictions[part];
    row.masks[block] |= 1 | alternating(ac[part], row.values, at);
  }

  /** Reads a DC difference. */
  static int difference(EntropyBits bits, HuffmanTable table) throws IOException {
    int entry = bits.symbol(table);
    if ((entry & HuffmanTable.HAS_VALUE) != 0) {
      return entry >> 16;
    }
    int size = entry >> 5 & 15;
    return size == 0 ? 0 : HuffmanTable.extend(bits.read(size), size);
  }

  /** Reads a block's AC coefficients; returns the mask of those that are not zero. */
  private long alternating(HuffmanTable table, short[] values, int at) throws IOException {
    byte[] natural = Zigzag.NATURAL;
    int[] look = table.look;
    long buffer = bits.buffer;
    int count = bits.count;
    long mask = 0;
    for (int k = 1; k < CoefficientRow.SIZE; k++) {
      if (count < EntropyBits.ENOUGH) {
        bits.fill(buffer, count);
        buffer = bits.buffer;
        count = bits.count;
      }
      int entry = look[(int) (buffer >>> (64 - HuffmanTable.LOOK))];
      if (entry == 0) {
        entry = table.longer(buffer);
      }
      int drop = entry & HuffmanTable.DROP;
      buffer <<= drop;
      count -= drop;
      k += entry >> 9 & 15;
      int value = entry >> 16;
      if ((entry & HuffmanTable.HAS_VALUE) == 0) {
        int size = entry >> 5 & 15;
        if (size == 0) {
          if ((entry >> 9 & 15) != 15) {
            break;
          }
          continue;
        }
        value = HuffmanTable.extend((int) (buffer >>> (64 - size)), size);
        buffer <<= size;
        count -= size;
      }
      values[at + natural[k]] = (short) value;
      mask |= Zigzag.bit(k);
    }
    bits.buffer = buffer;
    bits.count = count;
    return mask;
  }

  @Override
  public void restart(int number) throws IOException {
    bits.restart(number);
    Arrays.fill(predictions, 0);
  }

  @Override
  public void check() throws IOException {
    bits.check();
  }
}
