package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import org.jspecify.annotations.Nullable;

/** From rows of coefficients to pixels. */
final class JpegOutput {
  private static final int[] NO_TABLE = new int[CoefficientRow.SIZE];

  private final JpegFrame frame;
  private final JpegColors.Space space;
  private final SampleRows[] samples;
  private final Upsampler[] upsamplers;
  private final byte[] rgb;
  private int next; // the row of the image that comes next

  /**
   * Begins an image.
   *
   * @param quantization by component; null for one that no scan holds, which is grey
   */
  JpegOutput(JpegFrame frame, JpegColors.Space space, int[] @Nullable [] quantization) {
    this.frame = frame;
    this.space = space;
    int count = frame.components().size();
    samples = new SampleRows[count];
    upsamplers = new Upsampler[count];
    for (int i = 0; i < count; i++) {
      Component component = frame.components().get(i);
      int[] table = quantization[i] == null ? NO_TABLE : quantization[i];
      samples[i] = new SampleRows(frame, component, table);
      upsamplers[i] = new Upsampler(frame, component, samples[i]);
    }
    rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(frame.width(), frame.height()))];
  }

  /** Adds a row of MCUs. Where rows below are needed, its last row of pixels waits for them. */
  void add(CoefficientRow[] rows, int mcuRow) {
    boolean waits = false;
    for (int i = 0; i < rows.length; i++) {
      samples[i].transform(rows[i], mcuRow);
      waits |= upsamplers[i].looksBelow();
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

  byte[] rgb() {
    return rgb;
  }
}
