package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.generation.TextPiece;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Schedulers;

/**
 * Chats about an image among a prompt's media. Messages become BLIP-2's form: the system's words
 * stand in front of the question, earlier turns in front of that, in the settings' template; an
 * image alone asks for a caption. Options that the model has not got are refused with {@link
 * IllegalArgumentException}: tools, penalties, other models' names.
 *
 * <p>A stream is pulled: a token is computed when somebody asks for it, in a thread of Reactor's
 * bounded elastic scheduler, and whoever unsubscribes ends the text after the token under way.
 * Responses are the parts of the text; usage and finish reason come with the last. Safe for many
 * threads while its {@code Blip2} is open.
 */
public final class Blip2ChatModel implements ChatModel {
  private static final ChatModelObservationConvention CONVENTION =
      new DefaultChatModelObservationConvention();
  private static final String PROVIDER = "blip2";

  private final Supplier<Blip2> blip2;
  private final Blip2ChatSettings settings;
  private final ObservationRegistry observations;

  /**
   * Makes a model.
   *
   * @param blip2 is asked for the model with every prompt, and keeps it
   * @param settings how it works
   * @param observations is told of every prompt; {@link ObservationRegistry#NOOP} for nobody
   */
  public Blip2ChatModel(
      Supplier<Blip2> blip2, Blip2ChatSettings settings, ObservationRegistry observations) {
    this.blip2 = blip2;
    this.settings = settings;
    this.observations = observations;
  }

  @Override
  public ChatOptions getOptions() {
    return PromptOptions.defaults(settings);
  }

  private Prompt complete(Prompt prompt) {
    return prompt.getOptions() == null
        ? new Prompt(prompt.getInstructions(), getOptions())
        : prompt;
  }

  @Override
  public ChatResponse call(Prompt prompt) {
    Prompt whole = complete(prompt);
    ChatModelObservationContext context = context(whole, false);
    return Objects.requireNonNull(
        observation(context)
            .observe(
                () -> {
                  ChatResponse answer = PromptCall.of(whole, blip2.get(), settings).answer();
                  context.setResponse(answer);
                  return answer;
                }));
  }

  private static ChatModelObservationContext context(Prompt prompt, boolean streaming) {
    return ChatModelObservationContext.builder()
        .prompt(prompt)
        .provider(PROVIDER)
        .streaming(streaming)
        .build();
  }

  private Observation observation(ChatModelObservationContext context) {
    return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
        null, CONVENTION, () -> context, observations);
  }

  @Override
  public Flux<ChatResponse> stream(Prompt prompt) {
    return Flux.deferContextual(
        view -> {
          Prompt whole = complete(prompt);
          ChatModelObservationContext context = context(whole, true);
          Observation observation = observation(context);
          observation.parentObservation(
              view.getOrDefault(ObservationThreadLocalAccessor.KEY, null));
          observation.start();
          Flux<ChatResponse> pieces =
              pieces(whole)
                  .doOnError(observation::error)
                  .doFinally(end -> observation.stop())
                  .contextWrite(c -> c.put(ObservationThreadLocalAccessor.KEY, observation));
          return new MessageAggregator().aggregate(pieces, context::setResponse);
        });
  }

  /**
   * The parts of one text. Reactor cancels by an interrupt of the thread that computes: a text that
   * waits for its turn then fails, of which nobody is to hear.
   */
  private Flux<ChatResponse> pieces(Prompt prompt) {
    AtomicBoolean cancelled = new AtomicBoolean();
    return Flux.defer(
            () -> {
              PromptCall call = PromptCall.of(prompt, blip2.get(), settings);
              return Flux.generate(
                  call::open,
                  (Generation text, SynchronousSink<ChatResponse> sink) -> {
                    emit(call, text, sink);
                    return text;
                  },
                  Generation::close);
            })
        .onErrorComplete(failure -> cancelled.get())
        .subscribeOn(Schedulers.boundedElastic())
        .doOnCancel(() -> cancelled.set(true));
  }

  /** The next part that has a text, or the end. */
  private static void emit(
      PromptCall call, Generation generation, SynchronousSink<ChatResponse> sink) {
    while (generation.hasNext()) {
      TextPiece piece = generation.next();
      if (!piece.text().isEmpty()) {
        sink.next(call.piece(piece.text()));
        return;
      }
    }
    generation
        .result()
        .ifPresentOrElse(
            text -> {
              sink.next(call.response(text, ""));
              sink.complete();
            },
            () ->
                sink.error(
                    new IllegalStateException("the model was closed before the text ended")));
  }
}
