package io.github.blip2j.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.EarlyStopping;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.GenerationOptionsBuilder;
import io.github.blip2j.GenerationPreset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One line of a batch: a picture, a prompt or none, and arguments named as Transformers' {@code
 * generate} names them. {@code null} is an argument's default.
 *
 * @param image path of the picture
 * @param prompt text to go on from, or null
 * @param options how to generate
 */
record BatchRequest(String image, @Nullable String prompt, GenerationOptions options) {
  private static final Map<String, BiConsumer<GenerationOptionsBuilder, Value>> ARGUMENTS =
      new TreeMap<>();

  static {
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

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is no request; names what was expected and found
   */
  static BatchRequest parse(String line) {
    JsonNode node = json(line);
    GenerationOptionsBuilder options = preset(node).options().toBuilder();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = entry.getKey();
      if (ARGUMENTS.containsKey(key)) {
        if (!entry.getValue().isNull()) {
          ARGUMENTS.get(key).accept(options, new Value(key, entry.getValue()));
        }
      } else if (!List.of("image", "prompt", "preset").contains(key)) {
        throw new IllegalArgumentException(
            "expected image, prompt, preset or an argument among "
                + ARGUMENTS.keySet()
                + ", found "
                + key);
      }
    }
    String fallback = preset(node).prompt().filter(p -> !p.contains("{}")).orElse(null);
    String prompt =
        node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : fallback;
    return new BatchRequest(new Value("image", node.path("image")).text(), prompt, options.build());
  }

  private static GenerationPreset preset(JsonNode node) {
    return node.hasNonNull("preset")
        ? GenerationPreset.parse(new Value("preset", node.get("preset")).text())
        : GenerationPreset.REFERENCE;
  }

  /** What a line says of picture or prompt, as far as it can be read: for naming it in an error. */
  static @Nullable String peek(String line, String key) {
    try {
      return json(line).path(key).textValue();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static JsonNode json(String line) {
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

  /** A value that must be of a kind. */
  private record Value(String key, JsonNode node) {
    int integer() {
      return expect("an integer", node, JsonNode::isInt).intValue();
    }

    long longInteger() {
      return expect("an integer", node, n -> n.isIntegralNumber() && n.canConvertToLong())
          .longValue();
    }

    double number() {
      return expect("a number", node, JsonNode::isNumber).doubleValue();
    }

    boolean flag() {
      return expect("true or false", node, JsonNode::isBoolean).booleanValue();
    }

    String text() {
      return expect("a string", node, JsonNode::isTextual).textValue();
    }

    EarlyStopping earlyStopping() {
      return EarlyStopping.parse(
          expect("true, false or \"never\"", node, n -> n.isBoolean() || n.isTextual()).asText());
    }

    List<String> texts() {
      List<String> texts = new ArrayList<>();
      for (JsonNode n : node.isArray() ? node : List.of(node)) {
        texts.add(expect("a string or a list of strings", n, JsonNode::isTextual).textValue());
      }
      return texts;
    }

    List<List<Integer>> words() {
      String what = "a list of lists of token ids";
      List<List<Integer>> words = new ArrayList<>();
      for (JsonNode word : expect(what, node, JsonNode::isArray)) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode id : expect(what, word, JsonNode::isArray)) {
          ids.add(expect(what, id, JsonNode::isInt).intValue());
        }
        words.add(ids);
      }
      return words;
    }

    private JsonNode expect(String what, JsonNode value, Predicate<JsonNode> right) {
      if (!right.test(value)) {
        throw new IllegalArgumentException(
            "%s: expected %s, found %s"
                .formatted(key, what, value.isMissingNode() ? "nothing" : value));
      }
      return value;
    }
  }
}
