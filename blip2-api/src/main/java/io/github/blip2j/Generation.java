package io.github.blip2j;

import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.TextAssembler;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A text that is written while it is read: {@link #next} computes one more token in the calling
 * thread. Must be closed, read to its end or not; closing releases the cache at once. For one
 * thread, but for {@link #cancel}.
 */
public final class Generation implements Iterator<TextPiece>, AutoCloseable {
  private final DecodingLoop loop;
  private final TextAssembler text;
  private final Supplier<GeneratedText> result;
  private final Runnable whenClosed;
  private int seen;
  private boolean more = true;
  private volatile boolean closed;
  private @Nullable GeneratedText whole;

  Generation(
      DecodingLoop loop, TextAssembler text, Supplier<GeneratedText> result, Runnable whenClosed) {
    this.loop = loop;
    this.text = text;
    this.result = result;
    this.whenClosed = whenClosed;
  }

  /**
   * Whether there is another piece.
   *
   * @return false once the text has ended
   */
  @Override
  public boolean hasNext() {
    return more && !closed;
  }

  /**
   * Computes the next token.
   *
   * @return the next piece
   * @throws NoSuchElementException if the text has ended or this has been closed
   * @throws InferenceException if the engine fails
   */
  @Override
  public synchronized TextPiece next() {
    if (!hasNext()) {
      throw new NoSuchElementException(closed ? "closed" : "the text has ended");
    }
    try {
      more = loop.step();
    } catch (RuntimeException | Error e) {
      more = false;
      throw e;
    }
    Sequence sequence = loop.results().get(0).get(0);
    List<Integer> ids = sequence.ids();
    TextPiece piece =
        new TextPiece(text.next(ids, !more), ids.subList(Math.min(seen, ids.size()), ids.size()));
    seen = ids.size();
    if (!more) {
      whole = result.get();
    }
    return piece;
  }

  /** Stops the text after the token under way. From any thread, at any time. */
  public void cancel() {
    loop.cancel();
  }

  /**
   * The whole text.
   *
   * @return the result, or nothing while the text has not ended
   */
  public Optional<GeneratedText> result() {
    return Optional.ofNullable(whole);
  }

  /** Releases everything; the text ends here. Closing again does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        loop.close();
      } finally {
        whenClosed.run();
      }
    }
  }
}
