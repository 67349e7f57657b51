package io.github.blip2j.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.langchain4j.spi.Blip2EmbeddingModelBuilderFactory;
import io.github.blip2j.retrieval.EncodedText;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Vectors of texts and of images in one space, of length 1. A text's is that of its first token. An
 * image has one vector a query; stores that have one vector for each entry get the mean of them,
 * brought to length 1. For the exact largest similarity over an image's query vectors there is
 * {@link Blip2ScoringModel}.
 *
 * <p>An input is one text or one image; several parts of one input are refused, as are parameters
 * such as {@code dimensions}. Safe for many threads while its {@code Blip2} is open.
 */
public final class Blip2EmbeddingModel implements EmbeddingModel {
  private final Blip2 blip2;
  private final Messages messages;
  private final String name;
  private final List<EmbeddingModelListener> listeners;
  private final int dimension;

  Blip2EmbeddingModel(
      Blip2 blip2, Messages messages, String name, List<EmbeddingModelListener> listeners) {
    this.blip2 = blip2;
    this.messages = messages;
    this.name = name;
    this.listeners = listeners;
    this.dimension = blip2.embedder().text("image").embedding().length;
  }

  /**
   * Starts to describe a model.
   *
   * @return a builder, from the first {@link Blip2EmbeddingModelBuilderFactory} if there is one
   */
  public static Blip2EmbeddingModelBuilder builder() {
    return ServiceLoader.load(Blip2EmbeddingModelBuilderFactory.class)
        .findFirst()
        .map(Blip2EmbeddingModelBuilderFactory::get)
        .orElseGet(() -> new Blip2EmbeddingModelBuilder());
  }

  /**
   * Embeds texts and images. Listeners are told of all inputs; of the texts alone as segments,
   * since an image has none.
   */
  @Override
  public EmbeddingResponse embed(EmbeddingRequest request) {
    EmbeddingRequest whole =
        EmbeddingRequest.builder()
            .inputs(request.inputs())
            .parameters(defaultRequestParameters().overrideWith(request.parameters()))
            .build();
    requireSupported(whole);
    return listeners.isEmpty()
        ? doEmbed(whole)
        : new EmbeddingReport(this, whole).during(() -> doEmbed(whole));
  }

  private static void requireSupported(EmbeddingRequest request) {
    if (!request.parameters().presentParameters().isEmpty()) {
      throw new UnsupportedFeatureException(
          "the parameters "
              + request.parameters().presentParameters().stream()
                  .map(EmbeddingParameter::name)
                  .collect(Collectors.joining(", "))
              + " are not supported: leave them out");
    }
    for (EmbeddingInput input : request.inputs()) {
      for (Content content : input.contents()) {
        if (!(content instanceof TextContent || content instanceof ImageContent)) {
          throw Messages.unsupported(content);
        }
      }
      if (input.contents().size() > 1) {
        throw new UnsupportedFeatureException(
            "several parts in one input are not supported: give each text and image an input");
      }
    }
  }

  @Override
  public EmbeddingResponse doEmbed(EmbeddingRequest request) {
    return Failures.mapped(() -> embedded(request.inputs()));
  }

  private EmbeddingResponse embedded(List<EmbeddingInput> inputs) {
    List<String> words = new ArrayList<>();
    for (EmbeddingInput input : inputs) {
      if (input.contents().get(0) instanceof TextContent text) {
        words.add(text.text());
      }
    }
    List<EncodedText> texts = words.isEmpty() ? List.of() : blip2.embedder().texts(words);
    List<Embedding> embeddings = new ArrayList<>();
    int next = 0;
    int tokens = 0;
    for (EmbeddingInput input : inputs) {
      if (input.contents().get(0) instanceof ImageContent image) {
        EncodedImage encoded = blip2.encode(messages.image(image.image()));
        tokens += encoded.projected().length;
        embeddings.add(Embedding.from(encoded.meanEmbedding()));
      } else {
        EncodedText text = texts.get(next++);
        tokens += text.states().length;
        embeddings.add(Embedding.from(text.embedding()));
      }
    }
    return EmbeddingResponse.builder()
        .embeddings(embeddings)
        .metadata(
            EmbeddingResponseMetadata.builder()
                .modelName(name)
                .tokenUsage(new TokenUsage(tokens))
                .build())
        .build();
  }

  @Override
  public Set<ContentType> supportedContentTypes() {
    return Set.of(ContentType.TEXT, ContentType.IMAGE);
  }

  @Override
  public List<EmbeddingModelListener> listeners() {
    return listeners;
  }

  @Override
  public EmbeddingModel addListeners(List<EmbeddingModelListener> more) {
    if (more == null || more.isEmpty()) {
      return this;
    }
    List<EmbeddingModelListener> all = new ArrayList<>(listeners);
    all.addAll(more);
    return new Blip2EmbeddingModel(blip2, messages, name, List.copyOf(all));
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public String modelName() {
    return name;
  }
}
