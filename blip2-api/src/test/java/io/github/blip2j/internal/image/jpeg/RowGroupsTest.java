package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.internal.image.BusyPool;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Coding;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows become pixels whether the pool helps or not, and it keeps none of them. */
class RowGroupsTest {
  private static final int SIDE = 1024;

  private static JpegFrame frame() throws IOException {
    return JpegFrame.of(Coding.BASELINE, SIDE, SIDE, List.of(new Component(1, 1, 1, 0)));
  }

  /** An image of which so many rows of blocks came, all of one level. */
  private static byte[] decoded(JpegFrame frame, int rows) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    int[][] quantization = {new int[CoefficientRow.SIZE]};
    quantization[0][0] = 8;
    try (RowGroups groups =
        new RowGroups(
            frame, () -> new JpegOutput(frame, JpegColors.Space.GRAY, quantization, rgb))) {
      for (int row = 0; row < rows; row++) {
        CoefficientRow next = groups.next()[0];
        next.clear();
        for (int block = 0; block < SIDE / JpegFrame.BLOCK; block++) {
          next.set(block, 0, 72);
        }
      }
      if (rows == frame.mcuRows()) {
        groups.finish();
      }
    }
    return rgb;
  }

  @Test
  void aPoolThatIsBusyOnlyTakesTime() throws IOException, InterruptedException {
    JpegFrame frame = frame();
    byte[] helped = decoded(frame, frame.mcuRows());
    assertThat(helped).containsOnly(200);
    try (BusyPool pool = new BusyPool()) {
      assertThat(pool).isNotNull();
      assertThat(decoded(frame, frame.mcuRows())).isEqualTo(helped);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 100})
  void aPoolThatIsBusyKeepsNothing(int rows) throws IOException, InterruptedException {
    JpegFrame frame = frame();
    try (BusyPool pool = new BusyPool()) {
      assertThat(pool).isNotNull();
      BusyPool.assertForgotten(new WeakReference<>(decoded(frame, rows)));
    }
  }
}
