package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import org.jspecify.annotations.Nullable;

/** From rows of coefficients to pixels. One thread at a time. */
final class JpegOutput {
  private static final int[] NO_TABLE = new int[CoefficientRow.SIZE];

  private final JpegFrame frame;
  private final JpegColors.Space space;
  private final SampleRows[] samples;
  private final Upsampler[] upsamplers;
  private final boolean waits; // the last row of pixels of some MCUs for the samples below them
  private final byte[] rgb;
  private int next; // the row of the image that comes next

  /**
   * Begins at the top of an image.
   *
   * @param quantization by component; null for one that no scan holds, which is grey
   * @param rgb where to write
   */
  JpegOutput(JpegFrame frame, JpegColors.Space space, int[] @Nullable [] quantization, byte[] rgb) {
    this.frame = frame;
    this.space = space;
    this.rgb = rgb;
    int count = frame.components().size();
    samples = new SampleRows[count];
    upsamplers = new Upsampler[count];
    boolean below = false;
    for (int i = 0; i < count; i++) {
      Component component = frame.components().get(i);
      int[] table = quantization[i] == null ? NO_TABLE : quantization[i];
      samples[i] = new SampleRows(frame, component, table);
      upsamplers[i] = new Upsampler(frame, component, samples[i]);
      below |= upsamplers[i].looksBelow();
    }
    waits = below;
  }

  /** Goes to a row of MCUs, whatever came before; {@code above} is the row before it. */
  void begin(CoefficientRow[] above, int mcuRow) {
    next = mcuRow * JpegFrame.BLOCK * frame.maxV() - (waits ? 1 : 0);
    for (int i = 0; waits && i < above.length; i++) {
      samples[i].transformEnd(above[i], mcuRow - 1);
    }
  }

  /** Adds a row of MCUs. */
  void add(CoefficientRow[] rows, int mcuRow) {
    for (int i = 0; i < rows.length; i++) {
      samples[i].transform(rows[i], mcuRow);
    }
    int end = (mcuRow + 1) * JpegFrame.BLOCK * frame.maxV() - (waits ? 1 : 0);
    end = mcuRow + 1 == frame.mcuRows() ? frame.height() : end;
    for (; next < end; next++) {
      for (Upsampler upsampler : upsamplers) {
        upsampler.select(next);
      }
      JpegColors.convert(space, upsamplers, frame.width(), rgb, 3 * frame.width() * next);
    }
  }
}
