package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import io.github.blip2j.internal.image.jpeg.JpegScan.Part;
import java.io.IOException;

/**
 * What a file's scans may ask for, those of all its images together. A scan that says nothing about
 * a million blocks takes fifty bytes, so that a small file could keep a processor busy for minutes;
 * these limits count work before any of it is done.
 */
final class JpegLimits {
  /** More than any encoder has a use for; each costs some memory, whatever the image's size. */
  static final int MAX_SCANS = 2000;

  /** Blocks in an interleaved MCU (T.81, B.2.3), as libjpeg limits them. */
  private static final int MAX_MCU = 10;

  /** Visits of a block by a scan: twice what ten scans of 178 megapixels make of it. */
  private static final long MAX_VISITS = 120_000_000;

  /** Coefficients that arithmetic scans visit, since they may take no bits at all. */
  private static final long MAX_ARITHMETIC = 600_000_000;

  private final Work work;
  private boolean begun;
  private boolean complete; // the first scan of a sequential frame held all components

  /** Limits of a file of its own. */
  JpegLimits() {
    this(new Work());
  }

  /**
   * Limits of one of several images.
   *
   * @param work what those before it ask for
   */
  JpegLimits(Work work) {
    this.work = work;
  }

  /** What images of one file ask for, all together. For one thread. */
  static final class Work {
    private int scans;
    private long visits;
    private long coefficients;
  }

  /**
   * Checks a scan before it is decoded.
   *
   * @param frame its frame
   * @param scan the scan, after those that were checked before
   * @throws IOException when libjpeg would refuse it too, or all together are too much work
   */
  void check(JpegFrame frame, JpegScan scan) throws IOException {
    checkMcu(frame, scan);
    if (complete) {
      throw new IOException("there is a scan behind the one that held everything");
    }
    boolean all = scan.parts().size() == frame.components().size();
    complete = !begun && all && !frame.coding().progressive;
    begun = true;
    if (8L * (scan.end() - scan.start()) < leastBits(frame, scan)) {
      throw new IOException("the coded data of a scan end too early");
    }
    checkWork(frame, scan);
  }

  private static void checkMcu(JpegFrame frame, JpegScan scan) throws IOException {
    int mcu = 0;
    for (Part part : scan.parts()) {
      Component component = frame.components().get(part.component());
      mcu += component.h() * component.v();
    }
    if (scan.parts().size() > 1 && mcu > MAX_MCU) {
      throw new IOException("expected at most " + MAX_MCU + " blocks in an MCU, found " + mcu);
    }
  }

  private void checkWork(JpegFrame frame, JpegScan scan) throws IOException {
    work.scans++;
    work.visits += visits(frame, scan);
    work.coefficients += visits(frame, scan) * width(scan);
    boolean slow = frame.coding().arithmetic && work.coefficients > MAX_ARITHMETIC;
    if (slow || work.visits > MAX_VISITS) {
      throw new IOException(
          "expected scans that visit at most "
              + (MAX_VISITS + " blocks, found " + work.visits + " in " + work.scans + " scans"));
    }
  }

  /**
   * How many bits a scan must have at least, so that no memory is taken for an image that is not
   * there. Runs of AC coefficients and arithmetic codes may take next to none.
   */
  private static long leastBits(JpegFrame frame, JpegScan scan) {
    if (frame.coding().arithmetic || !scan.band().dc()) {
      return 0;
    }
    return visits(frame, scan) * (frame.coding().progressive ? 1 : 2);
  }

  private static int width(JpegScan scan) {
    return scan.band().last() - scan.band().first() + 1;
  }

  private static long visits(JpegFrame frame, JpegScan scan) {
    long blocks = 0;
    for (Part part : scan.parts()) {
      Component component = frame.components().get(part.component());
      blocks += (long) frame.blocksWide(component) * frame.blocksHigh(component);
    }
    return blocks;
  }
}
