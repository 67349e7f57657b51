package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The querying transformer, which reads an image into Q vectors (Li et al. 2023, §3.1), alone or
 * together with an instruction (Dai et al. 2023, §2.3), as the checkpoint has it. Safe for many
 * threads.
 *
 * @param model that runs it
 */
public record QFormer(LoadedModel model) {
  /**
   * Both results of one pass.
   *
   * @param queries (B, Q, D) float32, the last hidden state
   * @param projected (B, Q, d) float32, {@code queries} in the language model's space, or, of a
   *     checkpoint that matches images and texts, (B, Q, P) of length 1 in the space that they
   *     share
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  public record Output(float[] queries, float[] projected) {}

  /**
   * Reads images.
   *
   * @param patches (B, N, E) float32 from {@link VisionEncoder#encode}
   * @param batch B, at least 1
   * @return query vectors and their projection
   * @throws IllegalArgumentException if the length of {@code patches} does not fit
   * @throws IllegalStateException if this Q-Former reads instructions
   * @throws InferenceException if the engine fails
   */
  public Output encode(float[] patches, int batch) {
    if (model.program().instruction() != null) {
      throw new IllegalStateException("a Q-Former that reads instructions must be given one");
    }
    Stage stage = model.program().qformer();
    HostTensor input = Batches.of(stage, ModelProgram.PATCHES, patches, batch);
    float[][] read = model.run(stage.name(), Map.of(ModelProgram.PATCHES, input));
    return new Output(read[0], read[1]);
  }

  /**
   * Where the queries look in an image: the weights of the Q-Former's cross-attention. Its stage is
   * compiled in the first call.
   *
   * @param patches (1, N, E) float32 of the image
   * @param text ids of a text that is read beside it, special tokens included, or null for none
   * @return (L, H, Q, N) float32 of the L blocks that look at the image, class vector first; each
   *     row sums to 1
   * @throws IllegalArgumentException if the text is empty or too long, an id is out of range, or
   *     the length of {@code patches} does not fit
   * @throws IllegalStateException if this Q-Former reads no text, or nothing without one
   * @throws InferenceException if the engine fails
   */
  public float[] attention(float[] patches, int @Nullable [] text) {
    ModelProgram program = model.program();
    String name = text == null ? ModelProgram.ATTENTION : ModelProgram.TEXT_ATTENTION;
    if (!program.hasOccasional(name)) {
      throw new IllegalStateException(
          text == null
              ? "a Q-Former that reads instructions must be given one"
              : "a Q-Former that reads images alone takes no text");
    }
    Stage stage = program.stage(name);
    Map<String, HostTensor> inputs = new HashMap<>();
    if (text != null) {
      TextBounds bounds = Objects.requireNonNull(program.textsBesideImages());
      int queries = program.qformer().outputs().get(0).axes().get(1).size();
      inputs.putAll(TextRows.of(bounds, new int[][] {text}, queries).inputs());
    }
    inputs.put(ModelProgram.PATCHES, Batches.of(stage, ModelProgram.PATCHES, patches, 1));
    return model.run(name, inputs)[0];
  }

  /**
   * Reads one image together with each of several instructions.
   *
   * @param patches (1, N, E) float32 of the image
   * @param instructions ids of each, special tokens included; B of them, at least one
   * @return query vectors and their projection for each instruction
   * @throws IllegalArgumentException if an instruction is empty or longer than {@link
   *     TextBounds#maxPositions()}, an id is out of range, or the length of {@code patches} does
   *     not fit
   * @throws IllegalStateException if this Q-Former reads images alone
   * @throws InferenceException if the engine fails
   */
  public Output read(float[] patches, int[][] instructions) {
    TextBounds bounds = model.program().instruction();
    if (bounds == null) {
      throw new IllegalStateException("a Q-Former that reads images alone takes no instruction");
    }
    Stage stage = model.program().qformer();
    HostTensor image = Batches.of(stage, ModelProgram.PATCHES, patches, 1);
    int queries = stage.outputs().get(0).axes().get(1).size();
    Map<String, HostTensor> inputs = TextRows.of(bounds, instructions, queries).inputs();
    inputs.put(ModelProgram.PATCHES, image);
    float[][] read = model.run(stage.name(), inputs);
    return new Output(read[0], read[1]);
  }
}
