package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Vectors of texts, and of documents with an image, in one space, of length 1. A text's is that of
 * its first token; an image's the mean over its query vectors, brought to length 1. Safe for many
 * threads while its {@code Blip2}, which matches images and texts, is open.
 */
public final class Blip2EmbeddingModel implements EmbeddingModel {
  private final Supplier<Blip2> blip2;
  private final Blip2ChatSettings settings;

  /**
   * Makes a model.
   *
   * @param blip2 is asked for the model with every request, and keeps it
   * @param settings of which the name and the addresses are used
   */
  public Blip2EmbeddingModel(Supplier<Blip2> blip2, Blip2ChatSettings settings) {
    this.blip2 = blip2;
    this.settings = settings;
  }

  @Override
  public EmbeddingResponse call(EmbeddingRequest request) {
    return new Vectors(blip2.get()).texts(request.getInstructions()).response(settings.modelName());
  }

  /** The vector of a document: of its image, if it has one, else of its text. */
  @Override
  public float[] embed(Document document) {
    Media media = document.getMedia();
    Vectors vectors = new Vectors(blip2.get());
    if (media == null) {
      vectors.texts(List.of(Objects.requireNonNull(getEmbeddingContent(document))));
    } else {
      vectors.image(new PromptMessages(settings.addresses()).image(media));
    }
    return vectors.response(settings.modelName()).getResults().get(0).getOutput();
  }
}
