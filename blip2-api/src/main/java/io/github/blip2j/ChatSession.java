package io.github.blip2j;

import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A conversation about one picture. The picture is encoded once. Of a decoder alone (OPT) the keys
 * and values of picture and conversation are kept between turns, so that a turn costs its new
 * tokens only, and a changed history what changed; at the size of blip2-opt-2.7b they take 0.66 MB
 * a token. Of an encoder and decoder (T5) the picture's vectors are kept and each turn's prompt is
 * read whole.
 *
 * <p>Owns that memory until {@link #close}; a {@link Blip2} refuses to close while a conversation
 * is open. For one thread at a time.
 */
public final class ChatSession implements AutoCloseable {
  private final Blip2 blip2;
  private final Pipeline pipeline;
  private final EncodedImage image;
  private final ChatOptions options;
  private final ChatContext context;
  private List<ChatTurn> history;
  private boolean answering;
  private boolean closed;

  ChatSession(
      Blip2 blip2,
      Pipeline pipeline,
      EncodedImage image,
      ChatOptions options,
      List<ChatTurn> history,
      ChatContext context) {
    this.blip2 = blip2;
    this.pipeline = pipeline;
    this.image = image;
    this.options = options;
    this.history = List.copyOf(history);
    this.context = context;
  }

  /**
   * Asks and waits for the answer, which becomes part of the history.
   *
   * @param question in plain words
   * @return the answer; with several sequences asked for, the first of them
   * @throws IllegalArgumentException if the question is blank, or picture, history and question
   *     have more tokens than the context and the policy is to refuse
   * @throws InferenceException if the engine fails; the history stays as it was
   */
  public GeneratedText ask(String question) {
    requireIdle();
    return blip2.writing(
        p -> {
          int[] ids = ids(question);
          StageClock clock = new StageClock();
          GenerationOptions generation = options.generation();
          try (DecodingLoop loop =
              clock.time(StageClock.Stage.PREFILL, () -> context.start(ids, generation))) {
            try {
              boolean more = clock.time(StageClock.Stage.PREFILL, loop::step);
              clock.time(StageClock.Stage.DECODE, () -> Pipeline.finish(loop, more));
            } finally {
              context.settle(ids, loop);
            }
            Sequence first = loop.results().get(0).get(0);
            GeneratedText answer = pipeline.result(first, generation, clock.timings());
            add(question, answer);
            return answer;
          }
        });
  }

  /**
   * Asks and reads the answer while it is written. It becomes part of the history once it has been
   * read to its end, unless it was cancelled; until the stream is closed nothing else can be done
   * here.
   *
   * @param question in plain words
   * @return the answer under way; the caller closes it
   * @throws IllegalArgumentException as {@link #ask}, or if the options ask for beams or several
   *     sequences
   * @throws InferenceException if the engine fails; the history stays as it was
   */
  public Generation askStreaming(String question) {
    requireIdle();
    Pipeline.requireOneRow(options.generation());
    return blip2.writing(
        p -> {
          int[] ids = ids(question);
          DecodingLoop loop = context.start(ids, options.generation());
          answering = true;
          return pipeline.generation(
              loop,
              options.generation(),
              new StageClock(),
              answer -> {
                if (answer.finishReason() != FinishReason.CANCELLED) {
                  add(question, answer);
                }
              },
              () -> {
                context.settle(ids, loop);
                answering = false;
              });
        });
  }

  private void add(String question, GeneratedText answer) {
    List<ChatTurn> longer = new ArrayList<>(history);
    longer.add(new ChatTurn(question, answer.text()));
    history = List.copyOf(longer);
  }

  /** Ids of the prompt, the oldest turns left out if the policy says so. */
  private int[] ids(String question) {
    int most = Math.min(options.contextLimit(), pipeline.text().maxPositions() - 1);
    for (int from = 0; ; from++) {
      List<ChatTurn> turns = history.subList(from, history.size());
      int[] ids = pipeline.tokens(options.template().prompt(turns, question));
      int count = pipeline.imageTokens() + ids.length;
      if (count <= most) {
        return ids;
      }
      if (options.policy() == ContextPolicy.REFUSE || from == history.size()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "picture, history and question (%d tokens) must be within %d tokens",
                count,
                most));
      }
    }
  }

  /**
   * What was said.
   *
   * @return the turns, oldest first
   */
  public List<ChatTurn> history() {
    return history;
  }

  /**
   * Tokens whose keys and values are kept for the next turn.
   *
   * @return their number, the picture not counted; 0 for an encoder and decoder
   */
  public int keptTokens() {
    return context.length();
  }

  /**
   * Takes the last turn back.
   *
   * @return the turn
   * @throws IllegalStateException if there is none, or an answer is being read
   */
  public ChatTurn undo() {
    requireIdle();
    if (history.isEmpty()) {
      throw new IllegalStateException("there must be a turn to undo, but there is none");
    }
    ChatTurn last = history.get(history.size() - 1);
    history = history.subList(0, history.size() - 1);
    return last;
  }

  /**
   * Replaces what was said; the next question costs what differs.
   *
   * @param turns oldest first
   * @throws IllegalStateException if an answer is being read
   */
  public void history(List<ChatTurn> turns) {
    requireIdle();
    history = List.copyOf(turns);
  }

  /**
   * A conversation of its own that has come as far as this one. The caller closes it.
   *
   * @return the copy
   * @throws IllegalStateException if an answer is being read
   */
  public ChatSession fork() {
    requireIdle();
    return blip2.chat(
        () -> new ChatSession(blip2, pipeline, image, options, history, context.fork()));
  }

  /**
   * Writes the conversation to a file: the encoded picture, the turns, template, limit and policy.
   * How answers are generated is not in it. {@link Blip2#restoreChat} reads it.
   *
   * @param file is replaced if it is there
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    image.save(file, SavedChat.of(options, history).metadata());
  }

  private void requireIdle() {
    if (closed) {
      throw new IllegalStateException("this conversation must be open, but it has been closed");
    }
    if (answering) {
      throw new IllegalStateException("the answer that is being read must be closed first");
    }
  }

  /**
   * Releases what is kept. Closing again does nothing.
   *
   * @throws IllegalStateException if an answer is being read
   */
  @Override
  public void close() {
    if (!closed) {
      requireIdle();
      closed = true;
      try {
        context.close();
      } finally {
        blip2.chatClosed();
      }
    }
  }
}
