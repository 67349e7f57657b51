package io.github.blip2j.internal.engine;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.LayerTaps;
import io.github.blip2j.stage.StepPlan;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets a model write texts, and reads each once more to see what its linear layers are given.
 * Borrows the engine; safe for many threads.
 */
public final class LayerListening {
  private final WritingHead head;
  private final ImageReading images;
  private final PromptReader prompts;
  private final LoadedModel model;
  private final ImageEncoder encoder;

  LayerListening(WritingHead head, ImageEncoder encoder, PromptReader prompts, LoadedModel model) {
    this.head = head;
    this.encoder = encoder;
    this.images = new ImageReading(encoder, model.qformer());
    this.prompts = prompts;
    this.model = model;
  }

  /**
   * What layers were given.
   *
   * @param taps for each output of {@link LayerTaps} its vectors, one after the other
   * @param span positions of the text, those of the image included
   * @param front positions of the image, which are the same for every text about it; 0 where they
   *     depend on the prompt
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  public record Heard(float[][] taps, int span, int front) {}

  /**
   * Writes a text about an image and listens.
   *
   * @param prompt or null for a caption
   * @throws IllegalArgumentException if the prompt is too long
   * @throws InferenceException if the engine fails
   */
  public Heard hear(EncodedImage image, @Nullable String prompt) {
    GenerationRequest request = new GenerationRequest(image, prompt, GenerationOptions.defaults());
    List<Integer> written = head.generate(List.of(request)).get(0).get(0).tokenIds();
    PromptTokens asked = prompts.tokens(prompt);
    float[] features = images.read(image, asked, encoder.clock()).features();
    LanguageProgram program = model.program().language();
    TextConfig config = program.config();
    boolean encodes = config.encoderDecoder();
    int[] start = encodes ? new int[] {config.decoderStartToken()} : asked.text();
    StepPlan step = plan(config, encodes ? new float[0] : features, withoutLast(start, written));
    Map<String, HostTensor> read =
        encodes ? program.encoderInputs(plan(config, features, asked.text()), features) : Map.of();
    Map<String, HostTensor> decoded =
        program.decoderInputs(step, encodes ? new float[0] : features);
    float[][] taps = model.run(LayerTaps.NAME, LayerTaps.inputs(read, decoded, step.span()));
    for (float[] tap : taps) {
      Numbers.require("language model", tap);
    }
    return new Heard(taps, step.span(), images.instructed() ? 0 : step.features());
  }

  /** Nothing is computed of a text's last token. */
  private static int[] withoutLast(int[] start, List<Integer> written) {
    int[] ids = new int[start.length + Math.max(0, written.size() - 1)];
    System.arraycopy(start, 0, ids, 0, start.length);
    for (int i = start.length; i < ids.length; i++) {
      ids[i] = written.get(i - start.length);
    }
    return ids;
  }

  private static StepPlan plan(TextConfig config, float[] features, int[] tokens) {
    int span = features.length / config.hiddenSize() + tokens.length;
    return new Lengths(config, 1, span)
        .plan(features.length, new int[][] {tokens}, config.vocabularySize());
  }
}
