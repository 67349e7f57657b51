package io.github.blip2j.langchain4j;

import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of one request. LangChain4j's own way makes a text segment of every input, which
 * fails for an image, so that no listener could be had together with images.
 */
final class EmbeddingReport {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddingReport.class);

  private final EmbeddingModel model;
  private final EmbeddingRequest request;
  private final List<TextSegment> segments;
  private final Map<Object, Object> attributes = new ConcurrentHashMap<>();

  EmbeddingReport(EmbeddingModel model, EmbeddingRequest request) {
    this.model = model;
    this.request = request;
    this.segments = segments(request.inputs());
  }

  private static List<TextSegment> segments(List<EmbeddingInput> inputs) {
    List<TextSegment> segments = new ArrayList<>();
    for (EmbeddingInput input : inputs) {
      if (input.contents().get(0) instanceof TextContent text) {
        segments.add(TextSegment.from(text.text()));
      }
    }
    return List.copyOf(segments);
  }

  /** Runs the request, which listeners are told of before and after. */
  EmbeddingResponse during(Supplier<EmbeddingResponse> run) {
    tell(listener -> listener.onRequest(begun()));
    EmbeddingResponse response;
    try {
      response = run.get();
    } catch (RuntimeException e) {
      tell(listener -> listener.onError(failed(e)));
      throw e;
    }
    tell(listener -> listener.onResponse(ended(response)));
    return response;
  }

  private EmbeddingModelRequestContext begun() {
    return EmbeddingModelRequestContext.builder()
        .textSegments(segments)
        .embeddingRequest(request)
        .embeddingModel(model)
        .attributes(attributes)
        .build();
  }

  private EmbeddingModelErrorContext failed(RuntimeException failure) {
    return EmbeddingModelErrorContext.builder()
        .error(failure)
        .textSegments(segments)
        .embeddingRequest(request)
        .embeddingModel(model)
        .attributes(attributes)
        .build();
  }

  private EmbeddingModelResponseContext ended(EmbeddingResponse response) {
    return EmbeddingModelResponseContext.builder()
        .response(Response.from(response.embeddings(), response.metadata().tokenUsage()))
        .embeddingResponse(response)
        .textSegments(segments)
        .embeddingRequest(request)
        .embeddingModel(model)
        .attributes(attributes)
        .build();
  }

  /** A listener that throws is none of the caller's business, as everywhere in LangChain4j. */
  private void tell(Consumer<EmbeddingModelListener> event) {
    for (EmbeddingModelListener listener : model.listeners()) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        LOG.warn("an EmbeddingModelListener threw, which nobody else hears of", e);
      }
    }
  }
}
