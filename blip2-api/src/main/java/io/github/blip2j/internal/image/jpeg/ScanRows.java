package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import java.io.IOException;

/**
 * Walks through a scan's blocks, one row of the frame's MCUs at a time (T.81, A.2; jdcoefct.c,
 * consume_data). A scan of several components interleaves them and codes blocks beyond the image's
 * edge, one of a single component does neither.
 */
final class ScanRows {
  private final JpegFrame frame;
  private final JpegScan scan;
  private final BlockDecoder decoder;
  private int untilRestart;
  private int restarts;

  ScanRows(JpegFrame frame, JpegScan scan, BlockDecoder decoder) {
    this.frame = frame;
    this.scan = scan;
    this.decoder = decoder;
    this.untilRestart = scan.restartInterval();
  }

  /**
   * Decodes the next row.
   *
   * @param rows by component of the frame
   * @param mcuRow which row it is
   */
  void decode(CoefficientRow[] rows, int mcuRow) throws IOException {
    if (scan.parts().size() == 1) {
      single(rows[scan.parts().get(0).component()], mcuRow);
    } else {
      interleaved(rows);
    }
    decoder.check();
  }

  private void single(CoefficientRow row, int mcuRow) throws IOException {
    Component component = frame.components().get(scan.parts().get(0).component());
    int wide = frame.blocksWide(component);
    for (int y = 0; y < frame.blockRows(component, mcuRow); y++) {
      for (int x = 0; x < wide; x++) {
        countRestart();
        decoder.decode(0, row, y * row.wide + x);
      }
    }
  }

  private void interleaved(CoefficientRow[] rows) throws IOException {
    int parts = scan.parts().size();
    int mcus = frame.mcusWide();
    for (int mcu = 0; mcu < mcus; mcu++) {
      countRestart();
      for (int part = 0; part < parts; part++) {
        int index = scan.parts().get(part).component();
        Component component = frame.components().get(index);
        CoefficientRow row = rows[index];
        int first = mcu * component.h();
        for (int y = 0; y < component.v(); y++) {
          for (int x = 0; x < component.h(); x++) {
            decoder.decode(part, row, y * row.wide + first + x);
          }
        }
      }
    }
  }

  private void countRestart() throws IOException {
    if (scan.restartInterval() == 0) {
      return;
    }
    if (untilRestart == 0) {
      decoder.restart(restarts++ & 7);
      untilRestart = scan.restartInterval();
    }
    untilRestart--;
  }
}
