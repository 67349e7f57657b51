package io.github.blip2j;

import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.internal.engine.Conversation;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A conversation about one image. The image is encoded once. Of a decoder alone (OPT) the keys and
 * values of image and conversation are kept between turns, so that a turn costs its new tokens
 * only, and a changed history what changed; at the size of blip2-opt-2.7b they take 0.66 MB a
 * token. Of an encoder and decoder (T5) the image's vectors are kept and each turn's prompt is read
 * whole.
 *
 * <p>Owns that memory until {@link #close}, or until its {@link Blip2} closes.
 *
 * <p>For one thread at a time: a call while another thread is in one throws {@link
 * IllegalStateException}. {@link #close} is for any thread at any moment; it ends an answer that is
 * being written after the token under way. So does an interrupt of the thread that asks. An answer
 * that was ended so has {@link FinishReason#CANCELLED} and is not part of the history.
 */
public final class ChatSession implements AutoCloseable {
  private final Conversation conversation;

  ChatSession(Conversation conversation) {
    this.conversation = conversation;
    conversation.heldBy(this);
  }

  /** Whoever calls may hold nothing else: this is not forgotten while it is used. */
  private <R> R using(Function<Conversation, R> call) {
    try {
      return call.apply(conversation);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void changing(Consumer<Conversation> call) {
    try {
      call.accept(conversation);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Asks and waits for the answer, which becomes part of the history unless it was cancelled: by an
   * interrupt of this thread, or because this conversation was closed meanwhile.
   *
   * @param question in plain words
   * @return the answer; with several sequences asked for, the first of them
   * @throws IllegalStateException if another answer is being written or read, or this has been
   *     closed
   * @throws IllegalArgumentException if the question is blank, or image, history and question have
   *     more tokens than the context and the policy is to refuse
   * @throws InferenceException if the engine fails; the history stays as it was
   */
  public GeneratedText ask(String question) {
    return using(c -> c.ask(question));
  }

  /**
   * Asks and hands the answer out piece by piece while it is written, in this thread; then it
   * becomes part of the history.
   *
   * @param question in plain words
   * @param listener is given every piece; what it throws ends the answer, which then was not said
   * @return the whole answer
   * @throws IllegalArgumentException as {@link #askStreaming}
   * @throws InferenceException if the engine fails; the history stays as it was
   */
  public GeneratedText ask(String question, Consumer<? super TextPiece> listener) {
    try (Generation answer = askStreaming(question)) {
      return answer.readTo(listener);
    }
  }

  /**
   * Asks and reads the answer while it is written. It becomes part of the history once it has been
   * read to its end, unless it was cancelled; until then, or until the stream is closed, nothing
   * but {@link #close} can be done here.
   *
   * @param question in plain words
   * @return the answer under way; the caller closes it, unless it is read to its end
   * @throws IllegalArgumentException as {@link #ask}, or if the options ask for beams or several
   *     sequences
   * @throws InferenceException if the engine fails; the history stays as it was
   */
  public Generation askStreaming(String question) {
    return using(c -> c.askStreaming(question, text -> new Generation(text, this)));
  }

  /**
   * What was said.
   *
   * @return the turns, oldest first
   */
  public List<ChatTurn> history() {
    return using(Conversation::history);
  }

  /**
   * Tokens whose keys and values are kept for the next turn.
   *
   * @return their number, the image not counted; 0 for an encoder and decoder
   */
  public int keptTokens() {
    return using(Conversation::keptTokens);
  }

  /**
   * Takes the last turn back.
   *
   * @return the turn
   * @throws IllegalStateException if there is none, an answer is being written or read, or this has
   *     been closed
   */
  public ChatTurn undo() {
    return using(Conversation::undo);
  }

  /**
   * Replaces what was said; the next question costs what differs.
   *
   * @param turns oldest first
   * @throws IllegalStateException if an answer is being written or read, or this has been closed
   */
  public void history(List<ChatTurn> turns) {
    changing(c -> c.history(turns));
  }

  /**
   * A conversation of its own that has come as far as this one. The caller closes it.
   *
   * @return the copy
   * @throws IllegalStateException if an answer is being written or read, or this has been closed
   */
  public ChatSession fork() {
    return using(c -> c.fork(ChatSession::new));
  }

  /**
   * Writes the conversation to a file: the encoded image, the turns, template, limit and policy.
   * How answers are generated is not in it. {@link Blip2#restoreChat} reads it.
   *
   * @param file is replaced if it is there
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    changing(c -> c.save(file));
  }

  /**
   * Releases what is kept. From any thread, at any time: an answer that is being written ends after
   * the token under way, and this waits for that. A stream of an answer is closed too. Closing
   * again does nothing.
   */
  @Override
  public void close() {
    changing(Conversation::close);
  }
}
