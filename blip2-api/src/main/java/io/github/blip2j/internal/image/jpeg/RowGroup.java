package io.github.blip2j.internal.image.jpeg;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of MCUs that are turned into pixels together, perhaps by another thread: filled, then
 * rendered, then filled again. A copy of the row above them is kept, since pixels at their upper
 * edge depend on it.
 */
final class RowGroup {
  private final JpegOutput output;
  private final CoefficientRow[][] rows; // (1 + most, component); the first is the one above
  private int first; // which row of MCUs stands in rows[1]
  private int count;
  private @Nullable Rendering rendering;

  RowGroup(JpegFrame frame, JpegOutput output, int most) {
    this.output = output;
    this.rows = new CoefficientRow[1 + most][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = CoefficientRow.of(frame);
    }
  }

  boolean isFull() {
    return count == rows.length - 1;
  }

  /** The next row to be filled. */
  CoefficientRow[] add() {
    return rows[++count];
  }

  /** Begins anew below another group, which may be this one; not before {@link #finish}. */
  void follow(RowGroup above) {
    for (int i = 0; i < rows[0].length; i++) {
      rows[0][i].copy(above.rows[above.count][i]);
    }
    first = above.first + above.count;
    count = 0;
  }

  /** What renders it, once; whoever runs it first. */
  Runnable render() {
    Rendering begun = new Rendering(this);
    rendering = begun;
    return begun;
  }

  /**
   * Waits until it is rendered, or renders it here and now when nobody has begun.
   *
   * @return whether somebody else did it
   */
  boolean finish() {
    Rendering begun = rendering;
    if (begun == null) {
      return false;
    }
    rendering = null;
    boolean here = begun.begin();
    begun.await();
    return !here;
  }

  /** Forgets what was to be rendered, unless somebody has begun. */
  void withdraw() {
    Rendering begun = rendering;
    if (begun != null) {
      begun.group.set(null);
    }
  }

  private void write() {
    if (first > 0) {
      output.begin(rows[0], first);
    }
    for (int i = 1; i <= count; i++) {
      output.add(rows[i], first + i - 1);
    }
  }

  /** May wait in a pool long after the image is forgotten, so that it lets go of the group. */
  private static final class Rendering implements Runnable {
    private final AtomicReference<@Nullable RowGroup> group; // null once somebody has begun
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    Rendering(RowGroup group) {
      this.group = new AtomicReference<>(group);
    }

    @Override
    public void run() {
      begin();
    }

    /** Renders the group unless somebody has begun; whether it did. */
    boolean begin() {
      RowGroup own = group.getAndSet(null);
      if (own == null) {
        return false;
      }
      try {
        own.write();
        done.complete(null);
      } catch (RuntimeException | Error e) {
        done.completeExceptionally(e);
      }
      return true;
    }

    void await() {
      try {
        done.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e;
      }
    }
  }
}
