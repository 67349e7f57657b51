package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.generation.EarlyStopping;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * A value of a request that must be of a kind.
 *
 * @param key its name, for errors
 */
record Value(String key, JsonNode node) {
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
          String.format(
              Locale.ROOT,
              "%s: expected %s, found %s",
              key,
              what,
              value.isMissingNode() ? "nothing" : value));
    }
    return value;
  }
}
