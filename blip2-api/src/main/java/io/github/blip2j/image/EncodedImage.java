package io.github.blip2j.image;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.features.ImageFeatures;
import java.nio.file.Path;
import java.util.Map;

/**
 * An image as the Q-Former has read it: what every task needs of it, computed once. Some tens to
 * hundreds of kilobytes; of a checkpoint that matches images and texts the vision encoder's vectors
 * too (1.4 MB at the published size). Of an {@link ImageSequence} it is all images, in their order.
 * Immutable; safe for many threads; nothing to close.
 *
 * <p><b>What is kept</b> is what the checkpoint's tasks need: the query vectors and their
 * projection where the Q-Former reads the image alone; the vision encoder's patches where it reads
 * them together with a text, as heads that match and Q-Formers that read an instruction do; or
 * both.
 *
 * <p><b>File format</b> of {@link #save}: safetensors with float32 tensors {@code queries} (Q, D)
 * and {@code projected} (Q, d), both or neither, and {@code patches} (N·E; of several images one
 * behind the other), at least one of the two kinds. The header's {@code __metadata__} has {@code
 * format} = {@code blip2-encoded-image}, {@code version} = {@code 2}, {@code checkpoint} (its
 * {@link Checkpoint#identity()}), {@code preprocessing} (the image processor's settings) and {@code
 * crc32c} (a checksum of the other entries and the data, in hexadecimal). Files of version 1, which
 * always have queries, are read.
 */
public final class EncodedImage implements ImageInput {
  private final ImageFeatures features;

  /**
   * For this library, whose models encode images: a user has it from one of them, or from a file.
   *
   * @param features what a model has made of the image
   */
  @SuppressWarnings("exports") // nobody outside can have its parameter
  public EncodedImage(ImageFeatures features) {
    this.features = features;
  }

  /**
   * For this library.
   *
   * @return what a model has made of the image; not to be changed
   */
  @SuppressWarnings("exports") // nobody outside can use it
  public ImageFeatures features() {
    return features;
  }

  /**
   * The checkpoint that encoded it.
   *
   * @return {@link Checkpoint#identity()}
   */
  public String checkpoint() {
    return features.checkpoint();
  }

  /**
   * The query vectors.
   *
   * @return (Q, D) float32, the Q-Former's last hidden state; a copy. Empty if the checkpoint's
   *     Q-Former reads images together with an instruction only
   */
  public float[][] queries() {
    return features.queries();
  }

  /**
   * The query vectors in the space of the language model, or of length 1 in the one that images
   * share with texts.
   *
   * @return (Q, d) float32; a copy. Empty if {@link #queries} is
   */
  public float[][] projected() {
    return features.projected();
  }

  /**
   * One vector for stores that have one for each entry: the mean of {@link #projected}, brought to
   * length 1. Its cosine with a text's vector is not the largest over the query vectors, which the
   * model was trained for and {@code ImageTextMatcher} computes.
   *
   * @return (d) float32 of length 1; a copy
   * @throws IllegalStateException if there are no projected vectors: the Q-Former reads images
   *     together with an instruction only
   */
  public float[] meanEmbedding() {
    return features.meanProjected();
  }

  /**
   * Writes this image to a file, beside it first and then renamed.
   *
   * @param file is replaced if it is there
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    features.save(file, Map.of());
  }

  /**
   * Reads an image that {@link #save} wrote. Whether it fits a model is checked when the model is
   * given it.
   *
   * @param file where it is
   * @return the image
   * @throws CheckpointException if the file is missing, cut or something else
   */
  public static EncodedImage load(Path file) {
    return new EncodedImage(ImageFeatures.load(file));
  }

  /**
   * Sizes and origin; no values.
   *
   * @return such as {@code EncodedImage[32 queries of 768, projected to 2560, checkpoint 5f0c…]}
   */
  @Override
  public String toString() {
    return features.toString();
  }
}
