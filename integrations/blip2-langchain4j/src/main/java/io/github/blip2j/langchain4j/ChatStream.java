package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import io.github.blip2j.Generation;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.TextPiece;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one answer while its handler reads, all in one thread. */
final class ChatStream {
  private static final Logger LOG = LoggerFactory.getLogger(ChatStream.class);

  private final ChatCall call;
  private final StreamingChatResponseHandler handler;
  private final Handle handle = new Handle();

  /** Cancels from any thread. */
  private static final class Handle implements StreamingHandle {
    private volatile boolean cancelled;
    private volatile @Nullable Generation generation;

    @Override
    public void cancel() {
      cancelled = true;
      Generation open = generation;
      if (open != null) {
        open.cancel();
      }
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }

  ChatStream(ChatCall call, StreamingChatResponseHandler handler) {
    this.call = call;
    this.handler = handler;
  }

  void run() {
    try {
      try (Generation generation = call.open()) {
        handle.generation = generation;
        while (generation.hasNext() && !handle.isCancelled()) {
          hand(generation.next());
        }
        if (!handle.isCancelled()) {
          complete(generation);
        }
      }
    } catch (RuntimeException e) {
      if (!handle.isCancelled()) {
        fail(Failures.mapped(e));
      }
    } catch (Error e) {
      fail(e);
      throw e;
    }
  }

  private void complete(Generation generation) {
    GeneratedText text =
        generation
            .result()
            .orElseThrow(
                () -> new IllegalStateException("the model was closed before the text ended"));
    ChatResponse response = call.response(text);
    tell(() -> handler.onCompleteResponse(response));
  }

  private void hand(TextPiece piece) {
    if (!piece.text().isEmpty() && !handle.isCancelled()) {
      PartialResponse partial = new PartialResponse(piece.text());
      PartialResponseContext context = new PartialResponseContext(handle);
      tell(() -> handler.onPartialResponse(partial, context));
    }
  }

  /** What a handler throws is its own affair: it is told, and the text goes on. */
  private void tell(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void fail(Throwable failure) {
    try {
      handler.onError(failure);
    } catch (RuntimeException e) {
      LOG.warn("a StreamingChatResponseHandler's onError threw, which nobody else hears of", e);
    }
  }
}
