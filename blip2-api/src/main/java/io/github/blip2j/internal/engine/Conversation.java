package io.github.blip2j.internal.engine;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.Turns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What a {@code ChatSession} stands for: an image, the turns, and what is kept between them. Used
 * by one thread at a time; closed by any.
 */
public final class Conversation implements AutoCloseable {
  private final OpenCalls calls;
  private final Pipeline pipeline;
  private final ChatOptions options;
  private final ChatContext context;
  private volatile List<ChatTurn> history;

  /**
   * One that has come so far.
   *
   * @param context about its image; owned
   */
  Conversation(
      OpenCalls calls,
      Pipeline pipeline,
      ChatContext context,
      ChatOptions options,
      List<ChatTurn> history) {
    this.calls = calls;
    this.pipeline = pipeline;
    this.options = options;
    this.history = List.copyOf(history);
    this.context = context;
  }

  /** Says which object that a user holds stands for this; it must not be reachable from here. */
  public void heldBy(Object owner) {
    pipeline.borrowers().add(owner, context);
  }

  /** Asks and waits for the answer. */
  public GeneratedText ask(String question) {
    return calls.during(
        () -> context.use(() -> pipeline.admission().during(() -> answer(question))));
  }

  private GeneratedText answer(String question) {
    PromptTokens ids = ids(question);
    StageClock clock = pipeline.clock();
    GenerationOptions generation = options.generation();
    CallPatience patience = new CallPatience(List.of(generation));
    ReadImage read;
    try {
      read = context.read(ids, clock, patience);
    } catch (Turns.GivenUp e) {
      GeneratedText none = pipeline.unwritten(patience.reason());
      add(question, none);
      return none;
    }
    try (DecodingLoop loop =
        clock.open(
            ModelStage.PREFILL,
            () -> context.start(read, ids.text(), generation),
            begun -> context.abandon(ids.text(), begun))) {
      try {
        loop.waited(patience.waited());
        boolean more = clock.time(ModelStage.PREFILL, loop::step);
        clock.time(ModelStage.DECODE, () -> Pipeline.finish(loop, more));
      } finally {
        context.settle(ids.text(), loop);
      }
      Sequence first = loop.results().get(0).get(0);
      GeneratedText answer = pipeline.result(first, generation, clock.timings());
      add(question, answer);
      return answer;
    }
  }

  /**
   * Asks and reads the answer while it is written.
   *
   * @param holder makes what the user is given of the answer under way
   */
  public <R> R askStreaming(String question, Function<TextUnderWay, R> holder) {
    Pipeline.requireOneRow(options.generation());
    return calls.during(
        () -> context.use(() -> holder.apply(pipeline.admission().begin(() -> stream(question)))));
  }

  private TextUnderWay stream(String question) {
    TextUnderWay text = begun(question);
    context.reads(text);
    return text;
  }

  private TextUnderWay begun(String question) {
    PromptTokens ids = ids(question);
    StageClock clock = pipeline.clock();
    GenerationOptions generation = options.generation();
    CallPatience patience = new CallPatience(List.of(generation));
    ReadImage read;
    try {
      read = context.read(ids, clock, patience);
    } catch (Turns.GivenUp e) {
      return pipeline.unwritten(patience.reason(), ending(question, context::rests));
    }
    DecodingLoop loop = context.start(read, ids.text(), generation);
    loop.waited(patience.waited());
    Pipeline.Ending ending = ending(question, () -> context.settle(ids.text(), loop));
    return pipeline.text(loop, generation, clock, ending);
  }

  /** How an answer that is pulled ends. */
  private Pipeline.Ending ending(String question, Runnable settle) {
    return new Pipeline.Ending(
        answer -> add(question, answer),
        () -> {
          try {
            settle.run();
          } finally {
            pipeline.admission().leave();
          }
        });
  }

  /** What was not read to its end was not said. */
  private void add(String question, GeneratedText answer) {
    if (answer.finishReason() == FinishReason.CANCELLED) {
      return;
    }
    List<ChatTurn> longer = new ArrayList<>(history);
    longer.add(new ChatTurn(question, answer.text()));
    history = List.copyOf(longer);
  }

  /** Ids of the prompt, the oldest turns left out if the policy says so. */
  private PromptTokens ids(String question) {
    int most = Math.min(options.contextLimit(), pipeline.text().maxPositions() - 1);
    ChatPrompts prompts =
        new ChatPrompts(
            options.template(),
            history,
            question,
            pipeline::tokens,
            pipeline.imageTokens(context.image()));
    return options.policy() == ContextPolicy.REFUSE ? prompts.whole(most) : prompts.latest(most);
  }

  /** What was said, oldest first. */
  public List<ChatTurn> history() {
    return history;
  }

  /** Tokens whose keys and values are kept for the next turn, the image not counted. */
  public int keptTokens() {
    return context.length();
  }

  /** Takes the last turn back. */
  public ChatTurn undo() {
    return context.use(
        () -> {
          List<ChatTurn> turns = history;
          if (turns.isEmpty()) {
            throw new IllegalStateException("there must be a turn to undo, but there is none");
          }
          history = turns.subList(0, turns.size() - 1);
          return turns.get(turns.size() - 1);
        });
  }

  /** Replaces what was said. */
  public void history(List<ChatTurn> turns) {
    List<ChatTurn> copy = List.copyOf(turns);
    context.use(() -> history = copy);
  }

  /**
   * A conversation of its own that has come as far as this one.
   *
   * @param holder makes what the user is given of it
   */
  public <R> R fork(Function<Conversation, R> holder) {
    return calls.during(
        () ->
            context.use(
                () ->
                    holder.apply(
                        new Conversation(calls, pipeline, context.fork(), options, history))));
  }

  /** Writes the conversation to a file. */
  public void save(Path file) {
    context.image().features().save(file, SavedChat.of(options, history).metadata());
  }

  @Override
  public void close() {
    context.close();
  }
}
