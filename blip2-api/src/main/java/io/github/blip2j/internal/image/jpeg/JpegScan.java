package io.github.blip2j.internal.image.jpeg;

import java.util.List;

/**
 * One scan: its header (T.81, B.2.3), what was defined when it began, and where its data are.
 *
 * @param parts the components that it holds
 * @param band which coefficients, and how precisely
 * @param restartInterval MCUs between two restart markers, 0 when there are none
 * @param start where its coded data begin in the file
 * @param end where they end
 */
record JpegScan(List<Part> parts, Band band, int restartInterval, int start, int end) {
  JpegScan {
    parts = List.copyOf(parts);
  }

  /**
   * One component in a scan.
   *
   * @param component its index in the frame
   * @param dc how its DC coefficients are coded; of no meaning in scans without any
   * @param ac how its AC coefficients are coded; of no meaning in scans without any
   */
  record Part(int component, Table dc, Table ac) {}

  /** How coefficients are coded. */
  sealed interface Table {
    /** Nothing is coded by it. */
    record None() implements Table {}

    /** By Huffman codes. */
    record Huffman(HuffmanTable codes) implements Table {}

    /**
     * By arithmetic coding (T.81, F.1.4.4).
     *
     * @param slot 0 to 15; components with the same slot share statistics
     * @param low of DC: bounds of the small differences, L
     * @param high of DC: U; of AC: Kx
     */
    record Arithmetic(int slot, int low, int high) implements Table {}
  }

  /**
   * Which bits of which coefficients a scan holds; of a sequential scan, all.
   *
   * @param first index of the first coefficient in zigzag order, 0 to 63
   * @param last index of the last one
   * @param refined the bit down to which earlier scans went, 0 when this is the first
   * @param low the lowest bit in this scan
   */
  record Band(int first, int last, int refined, int low) {
    static final Band ALL = new Band(0, 63, 0, 0);

    boolean dc() {
      return first == 0;
    }

    boolean refines() {
      return refined != 0;
    }
  }
}
