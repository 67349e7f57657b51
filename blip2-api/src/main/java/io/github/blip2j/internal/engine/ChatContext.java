package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.LookaheadSession;
import io.github.blip2j.internal.decoding.Patience;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.TextStart;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.values.ExclusiveUse;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation keeps between its turns: one row of keys and values, and the ids that they
 * are of. The next prompt goes on behind the longest beginning that it shares with them. An encoder
 * and decoder keep nothing, since the encoder reads the whole prompt in both directions; nor does a
 * model whose Q-Former reads the prompt, since another prompt is behind other image features.
 *
 * <p>Used by one thread at a time, or by the one answer that is read as a stream; cancelled and
 * closed by any.
 */
final class ChatContext implements Borrowers.Borrower {
  private static final int GRAIN = 64; // positions by which room grows

  private final Pipeline pipeline;
  private final EncodedImage image;
  private final boolean again;
  private final ExclusiveUse use = new ExclusiveUse("this conversation", this::release);
  private volatile boolean closing;
  private volatile @Nullable DecodingLoop running;
  private volatile @Nullable TextUnderWay answer; // that is read as a stream
  private @Nullable LookaheadSession session;
  private volatile int[] cached = new int[0];
  private int room; // positions of the session

  /**
   * One that keeps nothing yet.
   *
   * @param again whether the image may come again, in another text or conversation
   */
  ChatContext(Pipeline pipeline, EncodedImage image, boolean again) {
    this.pipeline = pipeline;
    this.image = image;
    this.again = again;
  }

  EncodedImage image() {
    return image;
  }

  /** Ids whose keys and values are kept, the image not counted. */
  int length() {
    return cached.length;
  }

  /**
   * Does something with it alone.
   *
   * @throws IllegalStateException if it has been closed, another thread uses it, or an answer is
   *     being read
   */
  <R> R use(Supplier<R> work) {
    use.enter();
    try {
      if (answer != null) {
        throw new IllegalStateException("the answer that is being read must be closed first");
      }
      return work.get();
    } finally {
      use.leave();
    }
  }

  /** From now on an answer is read, until {@link #settle}. */
  void reads(TextUnderWay text) {
    answer = text;
  }

  /** The answer has ended, or there is none: others may go on. */
  void rests() {
    running = null;
    answer = null; // last
  }

  /**
   * The image as the Q-Former reads it for a prompt.
   *
   * @throws Turns.GivenUp if the patience ends before its turn comes
   */
  ReadImage read(PromptTokens prompt, StageClock clock, Patience patience) {
    return pipeline.images().read(List.of(image), List.of(prompt), clock, patience).get(0);
  }

  /** Starts to answer a prompt. Whoever closes the loop calls {@link #settle}. */
  DecodingLoop start(ReadImage read, int[] ids, GenerationOptions options) {
    pipeline.requireMemory(options, features(), ids.length);
    Prompt prompt = pipeline.prompt(read, ids, options);
    DecodingLoop loop = begin(read, prompt, options);
    running = loop;
    if (closing) { // before there was anything to cancel
      loop.cancel();
    }
    return loop;
  }

  private DecodingLoop begin(ReadImage read, Prompt prompt, GenerationOptions options) {
    try {
      return pipeline.loop(begun(read, prompt, options), List.of(prompt));
    } catch (RuntimeException | Error e) {
      forget(); // whatever state it is in
      throw e;
    }
  }

  private TextStart begun(ReadImage read, Prompt prompt, GenerationOptions options) {
    int capacity = DecodingLoop.capacity(pipeline.text(), List.of(prompt));
    int[] ids = prompt.tokens();
    if (pipeline.text().encoderDecoder() || read.instructed()) {
      return pipeline.begin(read, ids, again, capacity);
    }
    TextStart start = goOn(read, ids, capacity);
    // Several rows leave the kept one alone: it takes the prompt but for its last token.
    return options.numBeams() > 1 || options.numReturnSequences() > 1
        ? start.allButOne(pipeline.text().vocabularySize()).fork(capacity)
        : start.lent();
  }

  /** The kept row, which holds what it shares with the prompt, and the rest. */
  private TextStart goOn(ReadImage read, int[] ids, int capacity) {
    if (session != null && session.length(0) < features()) {
      forget(); // not even the image
    }
    LookaheadSession own = session;
    if (own == null) {
      TextStart start = pipeline.begin(read, ids, again, room(capacity));
      session = start.session();
      return start;
    }
    int kept = shared(ids);
    own.truncate(features() + kept);
    cached = Arrays.copyOf(ids, kept);
    if (capacity > room) {
      LookaheadSession larger = own.fork(new int[] {0}, room(capacity));
      own.close();
      own = larger;
      session = own;
    }
    return TextStart.behind(own, new int[][] {Arrays.copyOfRange(ids, kept, ids.length)});
  }

  private int room(int needed) {
    int most = pipeline.text().maxPositions();
    room = Math.min(most, (needed + GRAIN - 1) / GRAIN * GRAIN);
    return room;
  }

  private int features() {
    return pipeline.imageTokens(image);
  }

  /** Ids at the start that are cached, at most all but the last: its logits are needed. */
  private int shared(int[] ids) {
    int most = Math.min(cached.length, ids.length - 1);
    int at = Arrays.mismatch(cached, 0, most, ids, 0, most);
    return at < 0 ? most : at;
  }

  /** Notes what the session holds after a loop over this prompt. */
  void settle(int[] ids, DecodingLoop loop) {
    if (loop.failed() || (session != null && session.length(0) <= features())) {
      forget();
    } else if (session != null) {
      Sequence text = loop.results().get(0).get(0);
      int held = session.length(0) - features();
      int[] all = Arrays.copyOf(ids, Math.max(held, ids.length));
      for (int i = ids.length; i < held; i++) {
        all[i] = text.ids().get(i - ids.length);
      }
      cached = Arrays.copyOf(all, held);
    }
    rests();
  }

  /** Ends a loop that nobody is given. */
  void abandon(int[] ids, DecodingLoop loop) {
    try (loop) {
      settle(ids, loop);
    }
  }

  /** Drops what is kept; the next prompt is computed whole. */
  void forget() {
    if (session != null) {
      session.close();
      session = null;
    }
    cached = new int[0];
  }

  /** A context of its own that holds the same. */
  ChatContext fork() {
    ChatContext fork = new ChatContext(pipeline, image, again);
    if (session != null) {
      fork.session = session.fork(new int[] {0}, room);
      fork.room = room;
      fork.cached = cached.clone();
    }
    return fork;
  }

  @Override
  public void cancel() {
    DecodingLoop loop = running;
    if (loop != null) {
      loop.cancel();
    }
  }

  @Override
  public boolean isUsedHere() {
    return use.isUsedHere();
  }

  /** An answer under way ends after the token under way. */
  @Override
  public void close() {
    closing = true;
    cancel();
    use.close();
  }

  private void release() {
    try {
      TextUnderWay text = answer;
      if (text != null) {
        text.cancel();
        text.close();
      }
      forget();
    } finally {
      pipeline.borrowers().remove(this);
    }
  }
}
