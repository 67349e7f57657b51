package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.internal.values.ExclusiveUse;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code Generation} stands for: the loop, and how its tokens become pieces. Releases itself
 * when the text has ended. Used by one thread at a time; cancelled and closed by any.
 */
public final class TextUnderWay implements Borrowers.Borrower {
  private final @Nullable DecodingLoop loop; // none if the text ended before it began
  private final TextAssembler text;
  private final Supplier<GeneratedText> result;
  private final Runnable whenClosed;
  private final Borrowers borrowers;
  private final ExclusiveUse use = new ExclusiveUse("this generation", this::release);
  private int seen;
  private volatile boolean more = true;
  private volatile @Nullable GeneratedText whole;

  /**
   * Starts.
   *
   * @param loop or none of a text that ended before it began: it has one piece, which is empty
   * @param result is asked for once, when the text has ended
   * @param whenClosed is run once, when the loop has been closed
   * @param borrowers of the model, this among them until it is closed
   */
  TextUnderWay(
      @Nullable DecodingLoop loop,
      TextAssembler text,
      Supplier<GeneratedText> result,
      Runnable whenClosed,
      Borrowers borrowers) {
    this.loop = loop;
    this.text = text;
    this.result = result;
    this.whenClosed = whenClosed;
    this.borrowers = borrowers;
  }

  /** Says which object that a user holds stands for this; it must not be reachable from here. */
  public void heldBy(Object owner) {
    borrowers.add(owner, this);
  }

  /** Whether there is another piece. */
  public boolean hasNext() {
    return more && !use.isClosed();
  }

  /** Computes the next token. */
  public TextPiece next() {
    requireMore();
    use.enter();
    try {
      requireMore();
      return step();
    } catch (RuntimeException | Error e) {
      more = false;
      throw e;
    } finally {
      if (!more) {
        use.close(); // takes effect as the use ends
      }
      use.leave();
    }
  }

  private void requireMore() {
    if (!hasNext()) {
      throw new NoSuchElementException(more ? "closed" : "the text has ended");
    }
  }

  private TextPiece step() {
    boolean goesOn = loop != null && loop.step();
    List<Integer> ids = loop == null ? List.of() : loop.results().get(0).get(0).ids();
    TextPiece piece =
        new TextPiece(text.next(ids, !goesOn), ids.subList(Math.min(seen, ids.size()), ids.size()));
    seen = ids.size();
    if (!goesOn) {
      whole = result.get();
    }
    more = goesOn;
    return piece;
  }

  /** The whole text, once it has ended. */
  public Optional<GeneratedText> result() {
    return Optional.ofNullable(whole);
  }

  @Override
  public void cancel() {
    if (loop != null) {
      loop.cancel();
    }
  }

  @Override
  public boolean isUsedHere() {
    return use.isUsedHere();
  }

  @Override
  public void close() {
    use.close();
  }

  private void release() {
    try {
      if (loop != null) {
        loop.close();
      }
    } finally {
      try {
        whenClosed.run();
      } finally {
        borrowers.remove(this);
      }
    }
  }
}
