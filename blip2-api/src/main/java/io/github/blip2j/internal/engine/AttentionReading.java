package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.spi.QFormer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the Q-Former looks in an image. Borrows the model and the tokenizers; many threads. */
final class AttentionReading {
  private final ModelConfig config;
  private final ImageEncoder encoder;
  private final Tokenizers tokenizers;
  private final QFormer qformer;

  AttentionReading(ImageEncoder encoder, Tokenizers tokenizers, QFormer qformer) {
    this.config = encoder.config();
    this.encoder = encoder;
    this.tokenizers = tokenizers;
    this.qformer = qformer;
  }

  /**
   * Looks at an image.
   *
   * @param text that is read beside it, or null for none
   * @throws CheckpointException if the Q-Former reads no text
   */
  ImageAttention read(ImageInput image, @Nullable String text) {
    int @Nullable [] ids = ids(text);
    float[] patches = encoder.patches(image);
    float[] weights =
        encoder.inTurn("cross-attention", encoder.clock(), () -> qformer.attention(patches, ids));
    Numbers.require("cross-attention", weights);
    return new ImageAttention(size(weights.length), weights);
  }

  private ImageAttention.Size size(int weights) {
    QFormerConfig read = config.qformer();
    VisionConfig seen = config.vision();
    int layers = weights / (read.heads() * read.queries() * seen.patches());
    int side = seen.imageSize() / seen.patchSize();
    return new ImageAttention.Size(layers, read.heads(), read.queries(), side);
  }

  private int @Nullable [] ids(@Nullable String text) {
    TextBounds instruction = config.qformer().instruction();
    if (instruction != null) { // one that reads instructions is never without one
      String meant = text == null ? PromptReader.CAPTION : text;
      int[] ids = Objects.requireNonNull(tokenizers.instructions()).encode(meant);
      return new PromptTokens(new int[0], ids, instruction.maxPositions())
          .requireReadable()
          .instruction();
    }
    if (text == null) {
      return null;
    }
    if (config.head() instanceof TextConfig) {
      throw new CheckpointException(
          "text: expected a checkpoint whose Q-Former reads text beside an image (InstructBLIP, or"
              + " Blip2ForImageTextRetrieval), found one that reads images alone; look without a"
              + " text");
    }
    return tokenizers.text().encode(text);
  }
}
