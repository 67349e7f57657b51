package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Estimates the first nine AC coefficients of a progressive image whose scans left them out or
 * imprecise, from the DC coefficients of 5x5 blocks; where no AC coefficient is known, the DC
 * coefficient is smoothed too. This is what libjpeg-turbo does by default (jdcoefct.c,
 * decompress_smooth_data).
 */
final class BlockSmoothing {
  private static final int ESTIMATED = 10; // the DC coefficient and the nine after it

  /** Weights of the 5x5 DC coefficients, by zigzag index, where no AC coefficient is known. */
  private static final int[][] WITHOUT_AC = {
    {
      -2, -6, -8, -6, -2, -6, 6, 42, 6, -6, -8, 42, 152, 42, -8, -6, 6, 42, 6, -6, -2, -6, -8, -6,
      -2
    },
    {-1, -1, 0, 1, 1, -3, 13, 0, -13, 3, -3, 38, 0, -38, 3, -3, 13, 0, -13, 3, -1, -1, 0, 1, 1},
    {-1, -3, -3, -3, -1, -1, 13, 38, 13, -1, 0, 0, 0, 0, 0, 1, -13, -38, -13, 1, 1, 3, 3, 3, 1},
    {0, 0, 1, 0, 0, 0, 2, 7, 2, 0, 0, -5, -14, -5, 0, 0, 2, 7, 2, 0, 0, 0, 1, 0, 0},
    {-1, 0, 0, 0, 1, 0, 9, 0, -9, 0, 0, 0, 0, 0, 0, 0, -9, 0, 9, 0, 1, 0, 0, 0, -1},
    {0, 0, 0, 0, 0, 0, 2, -5, 2, 0, 1, 7, -14, 7, 1, 0, 2, -5, 2, 0, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, 2, 0, -2, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 0, 0, 1, -3, 1, 0, 0, 0, 0, 0, 0, 0, -1, 3, -1, 0, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, -3, 0, 3, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, -1, -2, -1, 0, 0, 0, 0, 0, 0},
  };

  /** Weights where some are known; only five are estimated. */
  private static final int[][] WITH_AC = {
    {},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -7, 50, 0, -50, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 0, -7, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, -50, 0, 0, 0, 0, 7, 0, 0},
    {0, 0, -1, 0, 0, 0, 0, 13, 0, 0, 0, 0, -24, 0, 0, 0, 0, 13, 0, 0, 0, 0, -1, 0, 0},
    {0, -1, 0, 1, 0, -1, 10, 0, -10, 1, 0, 0, 0, 0, 0, 1, -10, 0, 10, -1, 0, 1, 0, -1, 0},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 13, -24, 13, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
  };

  private final JpegFrame frame;
  private final Component component;
  private final int[] quantization;
  private final DcRows dc;
  private final int[] precision; // by zigzag index: the lowest known bit, -1 when nothing is known
  private final boolean withoutAc;
  private final int[] around = new int[25];

  BlockSmoothing(
      JpegFrame frame, Component component, int[] quantization, DcRows dc, int[] precision) {
    this.frame = frame;
    this.component = component;
    this.quantization = quantization;
    this.dc = dc;
    this.precision = precision;
    this.withoutAc = Arrays.stream(precision, 1, ESTIMATED).allMatch(bit -> bit < 0);
  }

  /** How precisely a file's scans give the first coefficients of a component. */
  static int[] precision(List<JpegScan> scans, int component) {
    int[] precision = new int[ESTIMATED];
    Arrays.fill(precision, -1);
    for (JpegScan scan : scans) {
      if (scan.parts().stream().anyMatch(part -> part.component() == component)) {
        for (int k = scan.band().first(); k <= Math.min(scan.band().last(), 9); k++) {
          precision[k] = scan.band().low();
        }
      }
    }
    return precision;
  }

  /**
   * Whether an image is smoothed (jdcoefct.c, smoothing_ok): something is known of each DC
   * coefficient, and not everything of the AC coefficients.
   */
  static boolean applies(JpegFrame frame, List<JpegScan> scans, int[] @Nullable [] quantization) {
    boolean useful = false;
    for (int i = 0; i < quantization.length; i++) {
      int[] table = quantization[i];
      int[] precision = precision(scans, i);
      if (!frame.coding().progressive || table == null || precision[0] < 0) {
        return false;
      }
      for (int k = 0; k < ESTIMATED; k++) {
        if (table[Zigzag.NATURAL[k]] == 0) {
          return false;
        }
        useful |= k > 0 && precision[k] != 0;
      }
    }
    return useful;
  }

  /** Fills in a row of MCUs. */
  void smooth(CoefficientRow row, int mcuRow) {
    int high = frame.blockRows(component, mcuRow);
    int wide = frame.blocksWide(component);
    for (int y = 0; y < high; y++) {
      for (int x = 0; x < wide; x++) {
        look(mcuRow, y, x);
        estimate(row, y * row.wide + x);
      }
    }
  }

  /**
   * Fetches the DC coefficients around a block; at an edge, those of the last block before it. Rows
   * are counted as libjpeg counts them, which in a last row of MCUs that is not full finds edges
   * where there are none.
   */
  private void look(int mcuRow, int y, int x) {
    int high = frame.blockRows(component, mcuRow);
    int counted = mcuRow * high + y;
    int all = high * frame.mcuRows();
    int row = mcuRow * component.v() + y;
    int above = counted > 0 ? row - 1 : row;
    int below = counted < all - 1 ? row + 1 : row;
    int[] rows = {
      counted > 1 ? row - 2 : above, above, row, below, counted < all - 2 ? row + 2 : below
    };
    int last = frame.blocksWide(component) - 1;
    for (int i = 0; i < around.length; i++) {
      int column = Math.max(0, Math.min(last, x + i % 5 - 2));
      around[i] = dc.get(rows[i / 5], column);
    }
  }

  private void estimate(CoefficientRow row, int block) {
    int[][] weights = withoutAc ? WITHOUT_AC : WITH_AC;
    for (int k = 1; k < weights.length; k++) {
      if (precision[k] != 0 && row.get(block, k) == 0) {
        int value = estimate(weights[k], k);
        int limit = precision[k] > 0 ? (1 << precision[k]) - 1 : Integer.MAX_VALUE;
        row.set(block, k, Math.max(-limit, Math.min(limit, value)));
      }
    }
    if (withoutAc) {
      row.values[block * CoefficientRow.SIZE] = (short) estimate(weights[0], 0);
    }
  }

  private int estimate(int[] weights, int k) {
    int sum = 0;
    for (int i = 0; i < around.length; i++) {
      sum += weights[i] * around[i];
    }
    long scaled = (long) quantization[0] * sum;
    long unit = quantization[Zigzag.NATURAL[k]];
    int size = (int) (((unit << 7) + Math.abs(scaled)) / (unit << 8));
    return scaled < 0 ? -size : size;
  }
}
