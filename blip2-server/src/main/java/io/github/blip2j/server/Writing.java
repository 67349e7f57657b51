package io.github.blip2j.server;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.VisualQuestionAnswering;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.Capability;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.server.TextRequest.Turns;
import io.github.blip2j.server.TextRequest.Written;
import io.github.blip2j.server.http.ClientGone;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Has the model write: whole texts or streams, from prompts or in conversations. */
record Writing(Blip2 blip2, ConversationPool conversations, Metrics metrics) {
  /** How the model has learnt to be asked. */
  String template() {
    return blip2.capabilities().contains(Capability.GENERATE)
        ? blip2.vqa().template()
        : VisualQuestionAnswering.DEFAULT_TEMPLATE; // and is refused when it comes to writing
  }

  /** The texts of a request, once they are whole. */
  Written whole(TextRequest request) {
    boolean one = request.options().numReturnSequences() == 1;
    return one && request.start() instanceof Turns turns
        ? turn(request, turns, chat -> chat.ask(turns.question()))
        : direct(request, wanted -> blip2.generate(List.of(wanted)).get(0));
  }

  /**
   * The text of a request, piece by piece while it is written.
   *
   * @param listener is given every piece; what it throws ends the text
   */
  Written stream(TextRequest request, Consumer<TextPiece> listener) {
    return request.start() instanceof Turns turns
        ? turn(request, turns, chat -> read(chat.askStreaming(turns.question()), listener))
        : direct(request, wanted -> List.of(read(blip2.stream(wanted), listener)));
  }

  private Written direct(
      TextRequest request, Function<GenerationRequest, List<GeneratedText>> writer) {
    // An image without an id is not encoded beforehand: its beginning would be kept for nobody.
    List<GeneratedText> texts =
        writer.apply(
            new GenerationRequest(
                request.image().input(), request.start().prompt(), request.options()));
    StageTimings took = texts.get(0).timings();
    Duration image = took.preprocessing().plus(took.vision()).plus(took.qformer());
    return written(request, image.toMillis(), texts);
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private GeneratedText read(Generation generation, Consumer<TextPiece> listener) {
    try (generation) {
      generation.forEachRemaining(listener);
      return generation.result().orElseThrow();
    } catch (ClientGone e) {
      metrics.add(Metrics.Count.CANCELLED, 1);
      throw e;
    }
  }

  /** Asks in the kept conversation that has come so far, or in a new one. */
  private Written turn(
      TextRequest request, Turns turns, Function<ChatSession, GeneratedText> asking) {
    ChatOptions options =
        ChatOptions.defaults().withTemplate(turns.template()).withGeneration(request.options());
    ConversationPool.Key key = new ConversationPool.Key(request.image().key(), options);
    long start = System.nanoTime();
    Optional<ConversationPool.Kept> kept = conversations.take(key, turns.history());
    kept.ifPresent(k -> metrics.add(Metrics.Count.CONTINUED, 1));
    ConversationPool.Kept conversation = kept.orElseGet(() -> begin(request, key));
    long millis = millisSince(start);
    boolean sound = false;
    try {
      conversation.session().history(turns.history());
      GeneratedText answer = asking.apply(conversation.session());
      sound = true;
      return written(request, millis, List.of(answer));
    } finally {
      if (sound) {
        conversations.put(conversation);
      } else {
        conversation.session().close();
      }
    }
  }

  private ConversationPool.Kept begin(TextRequest request, ConversationPool.Key key) {
    return new ConversationPool.Kept(key, blip2.chat(request.image().input(), key.options()));
  }

  private Written written(TextRequest request, long imageMillis, List<GeneratedText> texts) {
    if (texts.get(0).finishReason() == FinishReason.CANCELLED) { // by an interrupt: it stops
      throw Admission.stopping();
    }
    int tokens = blip2.tokenizer().inputTokens(request.image().input(), request.start().prompt());
    Written written = new Written(texts, imageMillis, tokens);
    metrics.add(Metrics.Count.TOKENS, written.newTokens());
    return written;
  }
}
