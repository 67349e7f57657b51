package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.DocumentEmbeddingModel;
import org.springframework.ai.embedding.DocumentEmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/**
 * Vectors of documents, each a text or an image; they are those of {@link Blip2EmbeddingModel}.
 * Safe for many threads while its {@code Blip2}, which matches images and texts, is open.
 */
public final class Blip2DocumentEmbeddingModel implements DocumentEmbeddingModel {
  private final Supplier<Blip2> blip2;
  private final Blip2ChatSettings settings;

  /**
   * Makes a model.
   *
   * @param blip2 is asked for the model with every request, and keeps it
   * @param settings of which the name and the addresses are used
   */
  public Blip2DocumentEmbeddingModel(Supplier<Blip2> blip2, Blip2ChatSettings settings) {
    this.blip2 = blip2;
    this.settings = settings;
  }

  @Override
  public EmbeddingResponse call(DocumentEmbeddingRequest request) {
    PromptMessages messages = new PromptMessages(settings.addresses());
    Vectors vectors = new Vectors(blip2.get());
    for (Document document : request.getInstructions()) {
      Media media = document.getMedia();
      if (media == null) {
        vectors.texts(List.of(Objects.requireNonNull(document.getText())));
      } else {
        vectors.image(messages.image(media));
      }
    }
    return vectors.response(settings.modelName());
  }

  @Override
  public int dimensions() {
    return blip2.get().embedder().text("image").embedding().length;
  }
}
