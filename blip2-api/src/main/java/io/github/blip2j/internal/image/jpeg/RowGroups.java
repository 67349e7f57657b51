package io.github.blip2j.internal.image.jpeg;

import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;

/**
 * Turns rows of coefficients into pixels while the next ones are decoded: the common pool's threads
 * are offered groups of rows, and the decoding thread takes back what they have not begun when it
 * has to wait. So nothing depends on the pool: one that is busy or has no threads costs nothing but
 * time, and keeps nothing of the image once this is closed.
 */
final class RowGroups implements AutoCloseable {
  private static final int MOST_GROUPS = 5;
  private static final int MOST_ROWS = 16;

  /** Of all groups together; 8 MB, unless two rows need more. */
  private static final int COEFFICIENTS = 4 << 20;

  private final RowGroup[] groups;
  private int current;
  private int offered;
  private int taken;

  /** Makes room for an image; {@code outputs} makes what writes its pixels, for one thread each. */
  RowGroups(JpegFrame frame, Supplier<JpegOutput> outputs) {
    int row = CoefficientRow.SIZE * frame.mcusWide() * frame.blocksInMcu();
    int threads = Math.min(MOST_GROUPS, 1 + Runtime.getRuntime().availableProcessors());
    int count = threads <= 2 || row > COEFFICIENTS / 4 ? 1 : threads;
    int rows = Math.max(1, Math.min(MOST_ROWS, COEFFICIENTS / count / row - 1));
    groups = new RowGroup[frame.mcuRows() <= rows ? 1 : count];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = new RowGroup(frame, outputs.get(), Math.min(rows, frame.mcuRows()));
    }
  }

  /** The next row to be filled, from the top of the image down. */
  CoefficientRow[] next() {
    RowGroup group = groups[current];
    if (group.isFull()) {
      offer(group);
      current = (current + 1) % groups.length;
      taken += groups[current].finish() ? 1 : 0;
      groups[current].follow(group);
    }
    return groups[current].add();
  }

  private void offer(RowGroup group) {
    Runnable rendering = group.render();
    boolean helps = taken > 0 || offered < 2 * groups.length;
    if (groups.length > 1 && helps) {
      offered++;
      ForkJoinPool.commonPool().execute(rendering);
    }
  }

  /** Finishes the image. */
  void finish() {
    groups[current].render();
    for (RowGroup group : groups) {
      group.finish();
    }
  }

  /** Takes back what the pool has not begun; whether or not the image was finished. */
  @Override
  public void close() {
    for (RowGroup group : groups) {
      group.withdraw();
    }
  }
}
