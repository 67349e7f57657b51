package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The image processor's settings, from where Transformers 4 ({@code preprocessor_config.json}) or 5
 * ({@code processor_config.json}, under {@code image_processor}) writes them.
 */
final class ProcessorFiles {
  private static final List<Float> MEAN = List.of(0.48145466f, 0.4578275f, 0.40821073f);
  private static final List<Float> STD = List.of(0.26862954f, 0.26130258f, 0.27577711f);

  private ProcessorFiles() {}

  static ImageProcessorConfig read(Path directory, ModelConfig config) {
    Json processor =
        Json.find(directory.resolve("processor_config.json"))
            .orElseGet(() -> Json.empty("processor_config.json"));
    int queries = config.qformer().queries();
    Rules.equal(
        processor.where() + ": num_query_tokens",
        queries,
        processor.positive("num_query_tokens", queries),
        "config.json has the number of rows of query_tokens");
    Json image = processor.at("image_processor");
    if (!processor.has("image_processor")) {
      image = Json.find(directory.resolve("preprocessor_config.json")).orElse(image);
    }
    ImageProcessorConfig parsed = parse(image, config.vision().imageSize());
    int side = config.vision().imageSize();
    if (parsed.height() != side || parsed.width() != side) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: size: expected %d x %d as vision_config.image_size, found %d x %d",
              image.where(),
              side,
              side,
              parsed.height(),
              parsed.width()));
    }
    return parsed;
  }

  /** {@code size} is an object, or in early files one number; absent, it is the model's own. */
  private static ImageProcessorConfig parse(Json json, int side) {
    int height = side;
    int width = side;
    if (json.isNumber("size")) {
      height = json.positive("size", side);
      width = height;
    } else if (json.has("size")) {
      height = json.at("size").positive("height", side);
      width = json.at("size").positive("width", side);
    }
    try {
      return new ImageProcessorConfig(
          json.flag("do_resize", true),
          height,
          width,
          (int) json.number("resample", 3),
          json.flag("do_rescale", true),
          json.number("rescale_factor", 1 / 255d),
          json.flag("do_normalize", true),
          json.floats("image_mean", MEAN),
          json.floats("image_std", STD));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException("preprocessor_config.json: " + e.getMessage(), e);
    }
  }
}
