package io.github.blip2j.family;

import io.github.blip2j.files.Json;

/**
 * Shape of the heads that match images and texts (Transformers, {@code
 * Blip2ForImageTextRetrieval}).
 *
 * @param vocabularySize rows of the word embeddings
 * @param maxPositions most tokens of a text
 * @param projectionSize width of the shared space of images and texts ({@code
 *     image_text_hidden_size})
 */
public record RetrievalConfig(int vocabularySize, int maxPositions, int projectionSize)
    implements HeadConfig {

  /**
   * What texts it reads.
   *
   * @return bounds of ids and lengths
   */
  public TextBounds texts() {
    return new TextBounds(vocabularySize, maxPositions);
  }

  /**
   * Reads the settings.
   *
   * @param root {@code config.json}
   * @param qformer its {@code qformer_config}
   * @return the settings
   */
  public static RetrievalConfig parse(Json root, Json qformer) {
    return new RetrievalConfig(
        qformer.positive("vocab_size", 30522),
        qformer.positive("max_position_embeddings", 512),
        root.positive("image_text_hidden_size", 256));
  }
}
