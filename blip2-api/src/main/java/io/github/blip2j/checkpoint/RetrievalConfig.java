package io.github.blip2j.checkpoint;

/**
 * Shape of the heads that match pictures and texts (Transformers, {@code
 * Blip2ForImageTextRetrieval}).
 *
 * @param vocabularySize rows of the word embeddings
 * @param maxPositions most tokens of a text
 * @param projectionSize width of the shared space of pictures and texts ({@code
 *     image_text_hidden_size})
 */
public record RetrievalConfig(int vocabularySize, int maxPositions, int projectionSize)
    implements HeadConfig {

  static RetrievalConfig parse(Json root, Json qformer, int vocabulary) {
    return new RetrievalConfig(
        vocabulary,
        qformer.positive("max_position_embeddings", 512),
        root.positive("image_text_hidden_size", 256));
  }
}
