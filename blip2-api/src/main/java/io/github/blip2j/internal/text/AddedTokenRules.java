package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.blip2j.core.CheckpointException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Tokens that are found before a text is cut, such as {@code </s>}. */
final class AddedTokenRules {
  private static final int MOST = 20_000; // native code compares each with all

  private final ModelTokens vocabulary;
  private final JsonNode normalizer;
  private final Map<String, Integer> added = new HashMap<>();
  private final ArrayNode kept = JsonNodeFactory.instance.arrayNode();

  /**
   * Rules that depend on other sections.
   *
   * @param normalizer checked, or null in the sense of JSON
   */
  AddedTokenRules(ModelTokens vocabulary, JsonNode normalizer) {
    this.vocabulary = vocabulary;
    this.normalizer = normalizer;
  }

  /** Checks the list and returns the checked copy. */
  JsonNode check(JsonNode list) {
    if (!list.isArray() || list.size() > MOST) {
      throw Part.wrong("added_tokens", "a list of at most " + MOST, list);
    }
    for (JsonNode one : list) {
      checkOne(Part.of("added_tokens[" + kept.size() + "]", one));
    }
    return kept;
  }

  /** Ids of the model's and the added tokens. */
  ModelTokens all() {
    Map<String, Integer> ids = new HashMap<>(vocabulary.ids());
    ids.putAll(added);
    return new ModelTokens(ids);
  }

  private void checkOne(Part part) {
    int id = part.number("id", 0, Part.MOST_ID);
    String content = part.nonEmpty("content");
    part.flag("single_word");
    part.flag("lstrip");
    part.flag("rstrip");
    part.flag("special");
    int expected = vocabulary.id(content).orElse(id);
    if (id != expected) {
      throw new CheckpointException(
          part.where() + ": id: expected " + expected + " as in the vocabulary, found " + id);
    }
    if (part.flag("normalized") && !normalizer.isNull() && vanishes(content)) {
      throw new CheckpointException(
          part.where() + ": content: expected a text that normalizing leaves, found " + content);
    }
    added.put(content, id);
    kept.add(part.kept());
  }

  /** An empty pattern would be found everywhere, which native code does not survive. */
  private boolean vanishes(String content) {
    return replaced(normalizer, content).codePoints().noneMatch(AddedTokenRules::stays);
  }

  private static String replaced(JsonNode step, String content) {
    String changed = content;
    for (JsonNode one : step.path("normalizers")) {
      changed = replaced(one, changed);
    }
    if (!step.path("type").asText().equals("Replace")) {
      return changed;
    }
    JsonNode pattern = step.path("pattern");
    String by = step.path("content").asText();
    try {
      return pattern.has("String")
          ? changed.replace(pattern.path("String").asText(), by)
          : Pattern.compile(pattern.path("Regex").asText())
              .matcher(changed)
              .replaceAll(Matcher.quoteReplacement(by));
    } catch (PatternSyntaxException e) {
      return changed;
    }
  }

  private static boolean stays(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.CONTROL,
          Character.FORMAT,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> point != 0xfffd;
    };
  }
}
