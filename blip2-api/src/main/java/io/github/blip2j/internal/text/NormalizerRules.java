package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;

/** What changes a text before it is cut. */
final class NormalizerRules {
  private NormalizerRules() {}

  /** Checks a normalizer and returns the checked copy. */
  static JsonNode check(String where, JsonNode node) {
    return Growth.check(where, check(where, node, Sections.DEEPEST), "normalizers");
  }

  private static JsonNode check(String where, JsonNode node, int depth) {
    Part part = Sections.part(where, node, depth);
    switch (part.text("type")) {
      case "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Nmt", "StripAccents", "ByteLevel" -> {}
      case "BertNormalizer" -> {
        part.flag("clean_text");
        part.flag("handle_chinese_chars");
        part.flagIfAny("strip_accents");
        part.flag("lowercase");
      }
      case "Strip" -> {
        part.flag("strip_left");
        part.flag("strip_right");
      }
      case "Precompiled" -> {
        String at = where + ": precompiled_charsmap";
        JsonNode table = part.value("precompiled_charsmap");
        if (!table.isTextual()) {
          throw Part.wrong(at, "base64", table);
        }
        part.kept().put("precompiled_charsmap", CharsMap.checked(at, table.textValue()));
      }
      case "Replace" -> {
        Patterns.checkReplaced(part);
        part.text("content");
      }
      case "Prepend" -> part.nonEmpty("prepend");
      case "Sequence" -> part.each("normalizers", (place, one) -> check(place, one, depth - 1));
      default -> throw Sections.unknownType(part, "a normalizer");
    }
    return part.kept();
  }
}
