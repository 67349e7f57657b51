package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram.Matching;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import java.util.Map;

/**
 * The Q-Former reading texts, alone or together with an image, and the heads on it (Li et al. 2023,
 * §3.2). The image's own vectors come from {@link QFormer#encode}, whose projection is then (B, Q,
 * P) of length 1. Safe for many threads.
 *
 * @param model that runs it
 */
public record Retrieval(LoadedModel model) {
  /**
   * Texts read alone, rows padded to the longest.
   *
   * @param states (B, T, D) float32, the last hidden state
   * @param features (B, T, P) float32 of length 1 in the space shared with images; a text's own
   *     vector is that of its first token
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  public record Texts(float[] states, float[] features) {}

  /**
   * An image read together with texts.
   *
   * @param queries (B, Q, D) float32, the queries' vectors
   * @param logits (B, 2) float32 of no match and match, the mean over the queries
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  public record Pairs(float[] queries, float[] logits) {}

  /**
   * Reads texts.
   *
   * @param tokens ids of each, special tokens included; at least one text of at least one token
   * @return their vectors
   * @throws IllegalArgumentException if a text is empty or longer than the checkpoint's {@link
   *     io.github.blip2j.family.RetrievalConfig#maxPositions()}, or an id is out of range
   * @throws InferenceException if the engine fails
   */
  public Texts read(int[][] tokens) {
    Matching matching = model.program().matching();
    Map<String, HostTensor> inputs = TextRows.of(matching.config().texts(), tokens, 0).inputs();
    float[][] read = model.run(matching.text().name(), inputs);
    return new Texts(read[0], read[1]);
  }

  /**
   * Reads one image together with each of several texts.
   *
   * @param patches (1, N, E) float32 of the image
   * @param tokens ids of each text, as for {@link #read}
   * @return vectors and logits of each pair
   * @throws IllegalArgumentException as {@link #read}, or if the length of {@code patches} does not
   *     fit
   * @throws InferenceException if the engine fails
   */
  public Pairs match(float[] patches, int[][] tokens) {
    Matching matching = model.program().matching();
    HostTensor image = Batches.of(matching.pairs(), Matching.PATCHES, patches, 1);
    Axis queries = matching.pairs().outputs().get(0).axes().get(1);
    Map<String, HostTensor> inputs =
        TextRows.of(matching.config().texts(), tokens, queries.size()).inputs();
    inputs.put(Matching.PATCHES, image);
    float[][] read = model.run(matching.pairs().name(), inputs);
    return new Pairs(read[0], read[1]);
  }
}
