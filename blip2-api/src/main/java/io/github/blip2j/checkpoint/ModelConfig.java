package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.HeadConfig;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.qformer.WriterConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * What {@code config.json} says, with Transformers' defaults for what it leaves out.
 *
 * @param vision the vision encoder
 * @param qformer the Q-Former
 * @param head the language model, or what matches images and texts
 * @param imageToken id of the {@code <image>} placeholder; absent in checkpoints saved before
 *     Transformers 4.46. It is never needed to run: features are put in front of the text
 */
public record ModelConfig(
    VisionConfig vision, QFormerConfig qformer, HeadConfig head, OptionalInt imageToken) {
  private static final String INSTRUCTED = "instructblip";
  private static final String RETRIEVAL = "Blip2ForImageTextRetrieval";
  private static final String WRITER = "Blip2Qformer"; // LAVIS's class of the first stage

  /**
   * Reads {@code config.json}, and {@code generation_config.json} if it is there.
   *
   * @param directory of the checkpoint
   * @return the settings
   * @throws CheckpointException if a setting is missing or wrong; names expected and found
   */
  public static ModelConfig read(Path directory) {
    Json json = Json.read(directory.resolve("config.json"));
    boolean instructed = instructed(json);
    QuantizationConfig.check(json);
    Json generation =
        Json.find(directory.resolve("generation_config.json")).orElseGet(() -> json.at("absent"));
    List<String> architectures = json.texts("architectures", List.of());
    boolean retrieval = architectures.contains(RETRIEVAL);
    boolean writes = architectures.contains(WRITER);
    VisionConfig vision = Families.vision(json.at("vision_config"));
    Json q = json.at("qformer_config");
    int queries = json.positive("num_query_tokens", 32);
    QFormerConfig qformer =
        instructed
            ? QFormerConfig.parseInstructed(q, queries)
            : QFormerConfig.parse(q, queries, retrieval || writes);
    return new ModelConfig(
        vision,
        qformer,
        retrieval
            ? RetrievalConfig.parse(json, q)
            : writes
                ? WriterConfig.parse(q, qformer, words(directory))
                : Families.language(json.at("text_config"), generation),
        json.has("image_token_index")
            ? OptionalInt.of(json.id("image_token_index", 0))
            : OptionalInt.empty());
  }

  private static Json words(Path directory) {
    Path tokenizer = directory.resolve("tokenizer.json");
    return Json.find(tokenizer)
        .orElseGet(() -> Json.empty(tokenizer.toString()))
        .at("model")
        .at("vocab");
  }

  /** Which of the two kinds it is: a Q-Former that reads images alone, or with an instruction. */
  private static boolean instructed(Json json) {
    String type = json.text("model_type", "nothing");
    if (!type.equals("blip-2") && !type.equals(INSTRUCTED)) {
      throw new CheckpointException(
          json.where()
              + ": model_type: expected \"blip-2\" or \""
              + INSTRUCTED
              + "\", found \""
              + type
              + "\"");
    }
    if (json.has("auto_map")) {
      throw new CheckpointException(
          json.where()
              + ": auto_map: expected a checkpoint of Transformers' own classes, found one that"
              + " brings code of its own, which this library cannot run");
    }
    return type.equals(INSTRUCTED);
  }

  /** Checks that the placeholder, if there is one, is a token of the language model. */
  public ModelConfig {
    if (head instanceof TextConfig text && imageToken.isPresent()) {
      // A retrieval checkpoint's placeholder lies outside of its vocabulary on purpose.
      Rules.inVocabulary(
          "config.json: image_token_index", imageToken.getAsInt(), text.vocabularySize());
    }
  }

  /**
   * The language model.
   *
   * @return its settings
   * @throws CheckpointException if this checkpoint has none
   */
  public TextConfig text() {
    if (head instanceof TextConfig text) {
      return text;
    }
    throw HeadConfig.writesNothing();
  }

  /**
   * The heads that match images and texts.
   *
   * @return their settings
   * @throws CheckpointException if this checkpoint has none
   */
  public RetrievalConfig retrieval() {
    if (head instanceof RetrievalConfig retrieval) {
      return retrieval;
    }
    throw HeadConfig.matchesNothing();
  }

  /**
   * Ids that logits processors take for what is there already, as in the reference: of a decoder
   * the image token for each image feature, if the checkpoint has one, and the prompt; of an
   * encoder and decoder the decoder's start token.
   *
   * @param features image features in front of the prompt: as many as queries for each image
   * @param prompt ids of the prompt
   * @return the history of a text that starts there
   */
  public int[] history(int features, int[] prompt) {
    if (text().encoderDecoder()) {
      return new int[] {text().decoderStartToken()};
    }
    int places = imageToken.isPresent() ? features : 0;
    int[] history = new int[places + prompt.length];
    Arrays.fill(history, 0, places, imageToken.orElse(0));
    System.arraycopy(prompt, 0, history, places, prompt.length);
    return history;
  }

  /**
   * What a model with these settings computes.
   *
   * @param weights of it, by their whole names
   * @return its stages, all names and shapes checked
   * @throws CheckpointException if a tensor is missing or has another shape
   */
  public ModelProgram program(Weights weights) {
    return Programs.of(this, weights);
  }

  /**
   * Width of a projected query vector.
   *
   * @return the language model's width d, or P of the space shared with texts
   */
  public int projectedSize() {
    return head instanceof RetrievalConfig retrieval
        ? retrieval.projectionSize()
        : text().hiddenSize();
  }
}
