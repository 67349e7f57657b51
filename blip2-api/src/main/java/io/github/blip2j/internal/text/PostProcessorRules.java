package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.Map;

/** What puts special tokens around a text. */
final class PostProcessorRules {
  private final ModelTokens vocabulary;

  PostProcessorRules(ModelTokens vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Checks a post-processor and returns the checked copy. */
  JsonNode check(String where, JsonNode node) {
    return check(where, node, Sections.DEEPEST);
  }

  private JsonNode check(String where, JsonNode node, int depth) {
    Part part = Sections.part(where, node, depth);
    switch (part.text("type")) {
      case "ByteLevel" -> PreTokenizerRules.byteLevel(part);
      case "BertProcessing" -> borders(part);
      case "RobertaProcessing" -> {
        borders(part);
        part.flag("trim_offsets");
        part.flag("add_prefix_space");
      }
      case "TemplateProcessing" -> template(part);
      case "Sequence" -> part.each("processors", (place, one) -> check(place, one, depth - 1));
      default -> throw Sections.unknownType(part, "a post-processor");
    }
    return part.kept();
  }

  private void borders(Part part) {
    for (String key : new String[] {"sep", "cls"}) {
      String where = part.where() + ": " + key;
      JsonNode border = part.list(key);
      if (border.size() != 2) {
        throw Part.wrong(where, "[token, id]", border);
      }
      known(where, Part.text(where, border.path(0)), Part.id(where, border.path(1)));
      part.keep(key, border);
    }
  }

  private void template(Part part) {
    JsonNode tokens = part.value("special_tokens");
    if (!tokens.isObject()) {
      throw Part.wrong(part.where() + ": special_tokens", "an object", tokens);
    }
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> entry : tokens.properties()) {
      String name = Part.text(part.where() + ": special_tokens", entry.getKey());
      String where = part.where() + ": special_tokens: " + name;
      kept.set(name, special(Part.of(where, entry.getValue())));
    }
    part.keep("special_tokens", kept);
    part.each("single", (where, piece) -> piece(where, piece, kept));
    part.each("pair", (where, piece) -> piece(where, piece, kept));
    uses(part, "single", true, false);
    uses(part, "pair", true, true);
  }

  private JsonNode special(Part part) {
    part.text("id");
    ArrayNode ids = part.kept().putArray("ids");
    ArrayNode texts = part.kept().putArray("tokens");
    part.list("ids").forEach(id -> ids.add(Part.id(part.where() + ": ids", id)));
    part.list("tokens").forEach(t -> texts.add(Part.text(part.where() + ": tokens", t)));
    if (ids.size() != texts.size()) {
      throw Part.wrong(part.where() + ": tokens", "one for each id", texts);
    }
    for (int i = 0; i < ids.size(); i++) {
      known(part.where(), texts.get(i).textValue(), ids.get(i).intValue());
    }
    return part.kept();
  }

  private static JsonNode piece(String where, JsonNode node, ObjectNode specialTokens) {
    if (!node.isObject() || node.size() != 1) {
      throw Part.wrong(where, "one SpecialToken or Sequence", node);
    }
    String kind = node.fieldNames().next();
    Part part = Part.of(where + ": " + kind, node.path(kind));
    part.number("type_id", 0, Part.MOST_ID);
    switch (kind) {
      case "Sequence" -> part.oneOf("id", List.of("A", "B"));
      case "SpecialToken" -> {
        if (!specialTokens.has(part.text("id"))) {
          throw Part.wrong(part.where() + ": id", "one of special_tokens", part.value("id"));
        }
      }
      default -> throw Part.wrong(where, "SpecialToken or Sequence", node);
    }
    ObjectNode piece = JsonNodeFactory.instance.objectNode();
    piece.set(kind, part.kept());
    return piece;
  }

  private static void uses(Part part, String key, boolean first, boolean second) {
    boolean a = false;
    boolean b = false;
    for (JsonNode piece : part.list(key)) {
      String id = piece.path("Sequence").path("id").asText();
      a |= id.equals("A");
      b |= id.equals("B");
    }
    if (a != first || b != second) {
      throw Part.wrong(
          part.where() + ": " + key,
          second ? "the sequences A and B" : "the sequence A and no other",
          part.list(key));
    }
  }

  private void known(String where, String token, int id) {
    int expected = vocabulary.id(token).orElse(id);
    if (expected != id) {
      throw new CheckpointException(
          where + ": expected the id " + expected + " of " + token + ", found " + id);
    }
  }
}
