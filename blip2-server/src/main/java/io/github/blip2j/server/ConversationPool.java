package io.github.blip2j.server;

import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Conversations whose KV caches are kept for the next turn. Requests carry the whole history, so
 * that nothing is lost with one that is dropped; and only what a request says itself decides what
 * its answer is, whoever began the conversation. Safe for many threads.
 */
final class ConversationPool implements AutoCloseable {
  /** Turns that a conversation may have beyond those that a request shares with it. */
  private static final int OTHER_TURNS = 1; // the last one, asked anew

  private final int most;
  private final Deque<Kept> kept = new ArrayDeque<>(); // the last used first
  private boolean closed;

  /**
   * What two turns of a conversation have in common.
   *
   * @param image a digest of its bytes, or of each of several
   * @param options which a session has from its beginning
   */
  record Key(String image, ChatOptions options) {}

  /** A conversation between two turns. */
  record Kept(Key key, ChatSession session) {}

  ConversationPool(int most) {
    this.most = most;
  }

  /**
   * Takes out the session that has most in common with a history.
   *
   * @return nothing if none shares a turn
   */
  synchronized Optional<Kept> take(Key key, List<ChatTurn> history) {
    @Nullable Kept best = null;
    int longest = 0;
    for (Kept one : kept) {
      if (one.key().equals(key)) {
        List<ChatTurn> said = one.session().history();
        int shared = shared(said, history);
        if (shared > longest && said.size() - shared <= OTHER_TURNS) {
          longest = shared;
          best = one;
        }
      }
    }
    if (best != null) {
      kept.remove(best);
    }
    return Optional.ofNullable(best);
  }

  private static int shared(List<ChatTurn> said, List<ChatTurn> history) {
    int shared = 0;
    while (shared < Math.min(said.size(), history.size())
        && said.get(shared).equals(history.get(shared))) {
      shared++;
    }
    return shared;
  }

  /** Keeps a session after its turn, or closes it; and closes the one that was used longest ago. */
  void put(Kept conversation) {
    Kept last = conversation;
    synchronized (this) {
      if (!closed && most > 0) {
        kept.addFirst(conversation);
        if (kept.size() <= most) {
          return;
        }
        last = kept.removeLast();
      }
    }
    last.session().close();
  }

  /** How many are kept. */
  synchronized int size() {
    return kept.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Iterator<Kept> each = kept.iterator(); each.hasNext(); each.remove()) {
      each.next().session().close();
    }
  }
}
