package io.github.blip2j.checkpoint;

import io.github.blip2j.CheckpointException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * What {@code config.json} says, with Transformers' defaults for what it leaves out.
 *
 * @param vision the vision encoder
 * @param qformer the Q-Former
 * @param text the language model
 * @param imageToken id of the {@code <image>} placeholder; absent in checkpoints saved before
 *     Transformers 4.46. It is never needed to run: features are put in front of the text
 */
public record ModelConfig(
    VisionConfig vision, QFormerConfig qformer, TextConfig text, OptionalInt imageToken) {

  /**
   * Reads {@code config.json}, and {@code generation_config.json} if it is there.
   *
   * @param directory of the checkpoint
   * @return the settings
   * @throws CheckpointException if a setting is missing or wrong; names expected and found
   */
  public static ModelConfig read(Path directory) {
    Json json = Json.read(directory.resolve("config.json"));
    String type = json.text("model_type", "nothing");
    if (!type.equals("blip-2")) {
      throw new CheckpointException(
          json.where() + ": model_type: expected \"blip-2\", found \"" + type + "\"");
    }
    Json generation =
        Json.find(directory.resolve("generation_config.json")).orElseGet(() -> json.at("absent"));
    return new ModelConfig(
        VisionConfig.parse(json.at("vision_config")),
        QFormerConfig.parse(json.at("qformer_config"), json.positive("num_query_tokens", 32)),
        text(json.at("text_config"), generation),
        json.has("image_token_index")
            ? OptionalInt.of(json.id("image_token_index", 0))
            : OptionalInt.empty());
  }

  /** Checks that the placeholder, if there is one, is a token of the vocabulary. */
  public ModelConfig {
    imageToken.ifPresent(
        id -> Rules.inVocabulary("config.json: image_token_index", id, text.vocabularySize()));
  }

  /** The language model's kind decides what its settings are. */
  private static TextConfig text(Json json, Json generation) {
    String type = json.text("model_type", "opt");
    if (!type.equals("opt")) {
      throw new CheckpointException(
          json.where() + ": model_type: expected \"opt\", found \"" + type + "\"");
    }
    return OptConfig.parse(json, generation);
  }
}
