package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.retrieval.EncodedText;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;

/** Vectors in the order in which they were asked for, and the tokens that they took. */
final class Vectors {
  private final Blip2 blip2;
  private final List<Embedding> embeddings = new ArrayList<>();
  private int tokens;

  /**
   * Begins with none.
   *
   * @throws CheckpointException if the model writes text: its vectors of images are for that alone
   */
  Vectors(Blip2 blip2) {
    if (!blip2.capabilities().contains(Capability.MATCH)) {
      throw new CheckpointException(
          "expected a checkpoint that matches images and texts, such as"
              + " Salesforce/blip2-itm-vit-g, found one that writes text: "
              + blip2);
    }
    this.blip2 = blip2;
  }

  /** Adds those of texts, which are read in batches. */
  Vectors texts(List<String> texts) {
    for (EncodedText text : blip2.embedder().texts(texts)) {
      tokens += text.states().length;
      add(text.embedding());
    }
    return this;
  }

  /** Adds an image's: the mean over its query vectors. */
  Vectors image(ImageInput image) {
    EncodedImage encoded = blip2.encode(image);
    tokens += encoded.projected().length;
    add(encoded.meanEmbedding());
    return this;
  }

  private void add(float[] vector) {
    embeddings.add(new Embedding(vector, embeddings.size()));
  }

  EmbeddingResponse response(String modelName) {
    return new EmbeddingResponse(
        List.copyOf(embeddings),
        new EmbeddingResponseMetadata(modelName, new DefaultUsage(tokens, 0)));
  }
}
