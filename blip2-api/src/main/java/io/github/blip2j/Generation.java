package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.internal.engine.TextUnderWay;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A text that is written while it is read: {@link #next} computes one more token in the calling
 * thread. It can be read once: as an iterator, or in a {@code for} loop over {@link #iterator},
 * which goes on where reading has come to.
 *
 * <p>Holds a cache until the text has ended or it is closed: one that is read to its end needs no
 * closing, any other is closed at once by {@link #close} and at the latest with its {@link Blip2}.
 *
 * <p>For one thread at a time: {@link #next} while another thread is in it throws {@link
 * IllegalStateException}. {@link #cancel} and {@link #close} are for any thread at any moment. A
 * thread that is interrupted ends the text as {@link #cancel} does, and stays interrupted.
 */
public final class Generation implements Iterator<TextPiece>, Iterable<TextPiece>, AutoCloseable {
  private final TextUnderWay text;
  private final @Nullable ChatSession session; // whose answer it is, and which it keeps alive

  Generation(TextUnderWay text) {
    this(text, null);
  }

  Generation(TextUnderWay text, @Nullable ChatSession session) {
    this.text = text;
    this.session = session;
    text.heldBy(this);
  }

  /**
   * The pieces that have not been read yet.
   *
   * @return this; every call gives the same single pass
   */
  @Override
  public Iterator<TextPiece> iterator() {
    return this;
  }

  /**
   * Whether there is another piece.
   *
   * @return false once the text has ended
   */
  @Override
  public boolean hasNext() {
    return text.hasNext();
  }

  /**
   * Computes the next token.
   *
   * @return the next piece
   * @throws NoSuchElementException if the text has ended or this has been closed
   * @throws IllegalStateException if another thread is computing it
   * @throws InferenceException if the engine fails
   */
  @Override
  public TextPiece next() {
    try {
      return text.next();
    } finally {
      Reference.reachabilityFence(this); // not forgotten while it computes
      Reference.reachabilityFence(session);
    }
  }

  /** Hands out all pieces to come, and gives the whole text. */
  GeneratedText readTo(Consumer<? super TextPiece> listener) {
    forEachRemaining(listener);
    return result().orElseThrow(() -> new IllegalStateException("closed before the text ended"));
  }

  /** Stops the text after the token under way. From any thread, at any time. */
  public void cancel() {
    text.cancel();
  }

  /**
   * The whole text.
   *
   * @return the result, or nothing while the text has not ended
   */
  public Optional<GeneratedText> result() {
    return text.result();
  }

  /**
   * Releases everything; the text ends here. From any thread, at any time: it waits for the token
   * under way. Closing again does nothing.
   */
  @Override
  public void close() {
    text.close();
  }
}
