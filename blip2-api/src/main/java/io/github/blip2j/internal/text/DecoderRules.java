package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;

/** What makes a text of tokens. */
final class DecoderRules {
  private DecoderRules() {}

  /** Checks a decoder and returns the checked copy. */
  static JsonNode check(String where, JsonNode node) {
    return Growth.check(where, check(where, node, Sections.DEEPEST), "decoders");
  }

  private static JsonNode check(String where, JsonNode node, int depth) {
    Part part = Sections.part(where, node, depth);
    switch (part.text("type")) {
      case "Fuse", "ByteFallback" -> {}
      case "ByteLevel" -> PreTokenizerRules.byteLevel(part);
      case "Metaspace" -> PreTokenizerRules.metaspace(part);
      case "BPEDecoder" -> part.nonEmpty("suffix");
      case "WordPiece" -> {
        part.text("prefix");
        part.flag("cleanup");
      }
      case "CTC" -> {
        part.nonEmpty("pad_token");
        part.nonEmpty("word_delimiter_token");
        part.flag("cleanup");
      }
      case "Replace" -> {
        Patterns.checkReplaced(part);
        part.text("content");
      }
      case "Strip" -> {
        part.character("content");
        part.number("start", 0, Part.LONGEST_TEXT);
        part.number("stop", 0, 0); // more reads in front of a short token's beginning
      }
      case "Sequence" -> part.each("decoders", (place, one) -> check(place, one, depth - 1));
      default -> throw Sections.unknownType(part, "a decoder");
    }
    return part.kept();
  }
}
