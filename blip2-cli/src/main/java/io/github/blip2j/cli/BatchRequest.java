package io.github.blip2j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationPreset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One line of a batch: an image or several, a prompt or none, and arguments named as Transformers'
 * {@code generate} names them. {@code null} is an argument's default.
 *
 * @param images what it is about
 * @param prompt text to go on from, or null
 * @param options how to generate; of a preset as with the model that it was made with
 * @param preset the preset that they began with
 * @param least whether the request itself says how long a text must be at least
 */
record BatchRequest(
    RequestImages images,
    @Nullable String prompt,
    GenerationOptions options,
    GenerationPreset preset,
    boolean least) {
  private static final Map<String, BiConsumer<GenerationOptionsBuilder, Value>> ARGUMENTS =
      new TreeMap<>();

  static {
    ARGUMENTS.put("max_length", (o, v) -> o.maxLength(v.integer()));
    ARGUMENTS.put("min_length", (o, v) -> o.minLength(v.integer()));
    ARGUMENTS.put("max_new_tokens", (o, v) -> o.maxNewTokens(v.integer()));
    ARGUMENTS.put("min_new_tokens", (o, v) -> o.minNewTokens(v.integer()));
    ARGUMENTS.put("num_beams", (o, v) -> o.numBeams(v.integer()));
    ARGUMENTS.put("length_penalty", (o, v) -> o.lengthPenalty(v.number()));
    ARGUMENTS.put("early_stopping", (o, v) -> o.earlyStopping(v.earlyStopping()));
    ARGUMENTS.put("num_return_sequences", (o, v) -> o.numReturnSequences(v.integer()));
    ARGUMENTS.put("do_sample", (o, v) -> o.doSample(v.flag()));
    ARGUMENTS.put("temperature", (o, v) -> o.temperature(v.number()));
    ARGUMENTS.put("top_k", (o, v) -> o.topK(v.integer()));
    ARGUMENTS.put("top_p", (o, v) -> o.topP(v.number()));
    ARGUMENTS.put("min_p", (o, v) -> o.minP(v.number()));
    ARGUMENTS.put("typical_p", (o, v) -> o.typicalP(v.number()));
    ARGUMENTS.put("seed", (o, v) -> o.seed(v.longInteger()));
    ARGUMENTS.put("repetition_penalty", (o, v) -> o.repetitionPenalty(v.number()));
    ARGUMENTS.put("no_repeat_ngram_size", (o, v) -> o.noRepeatNgramSize(v.integer()));
    ARGUMENTS.put("bad_words_ids", (o, v) -> o.badWordsIds(v.words()));
    ARGUMENTS.put("choices", (o, v) -> o.choices(v.words()));
    ARGUMENTS.put("stop_strings", (o, v) -> o.stopStrings(v.texts()));
    ARGUMENTS.put("max_time", (o, v) -> o.maxTime(GenerationArguments.seconds(v.number())));
  }

  /** How to generate with a model. */
  GenerationOptions options(Blip2 blip2) {
    return least ? options : options.withMinNewTokens(blip2.options(preset, prompt).minNewTokens());
  }

  /**
   * Reads a request.
   *
   * @throws IllegalArgumentException if it is no request; names what was expected and found
   */
  static BatchRequest parse(String line) {
    return parse(json(line));
  }

  static BatchRequest parse(JsonNode node) {
    GenerationOptionsBuilder options = preset(node).options().toBuilder();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = entry.getKey();
      if (!ARGUMENTS.containsKey(key)
          && !List.of("task", "image", "images", "prompt", "preset").contains(key)) {
        throw new IllegalArgumentException(
            "expected task, image, images, prompt, preset or an argument among "
                + ARGUMENTS.keySet()
                + ", found "
                + key);
      }
    }
    // In the order of the names: max_length comes in front of max_new_tokens, which overrules it.
    ARGUMENTS.forEach(
        (key, argument) -> {
          if (node.hasNonNull(key)) {
            argument.accept(options, new Value(key, node.get(key)));
          }
        });
    String fallback = preset(node).prompt().filter(p -> !p.contains("{}")).orElse(null);
    String prompt =
        node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : fallback;
    return new BatchRequest(
        RequestImages.of(node),
        prompt,
        options.build(),
        preset(node),
        node.hasNonNull("min_new_tokens"));
  }

  private static GenerationPreset preset(JsonNode node) {
    return node.hasNonNull("preset")
        ? GenerationPreset.parse(new Value("preset", node.get("preset")).text())
        : GenerationPreset.REFERENCE;
  }

  /** What a line says as far as it can be read, for naming it in an error; maybe nothing. */
  static JsonNode peek(String line) {
    try {
      return json(line);
    } catch (IllegalArgumentException e) {
      return Output.MAPPER.createObjectNode();
    }
  }

  /**
   * A line as JSON.
   *
   * @throws IllegalArgumentException if it is no object
   */
  static JsonNode json(String line) {
    try {
      JsonNode node = Output.MAPPER.readTree(line);
      if (!node.isObject()) {
        throw new IllegalArgumentException("expected a JSON object, found " + node.getNodeType());
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON object, found: " + e.getOriginalMessage(), e);
    }
  }
}
