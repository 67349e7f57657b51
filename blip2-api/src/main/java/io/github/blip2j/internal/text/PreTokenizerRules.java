package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What cuts a text into words. */
final class PreTokenizerRules {
  private static final List<String> BEHAVIORS =
      List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
  private static final List<String> SCHEMES = List.of("first", "never", "always");

  private PreTokenizerRules() {}

  /** Checks a pre-tokenizer and returns the checked copy. */
  static JsonNode check(String where, JsonNode node) {
    return check(where, node, Sections.DEEPEST);
  }

  private static JsonNode check(String where, JsonNode node, int depth) {
    Part part = Sections.part(where, node, depth);
    switch (part.text("type")) {
      case "BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts" -> {}
      case "ByteLevel" -> byteLevel(part);
      case "Metaspace" -> metaspace(part);
      case "CharDelimiterSplit" -> part.character("delimiter");
      case "Punctuation" -> part.oneOfIfAny("behavior", BEHAVIORS);
      case "Digits" -> part.flag("individual_digits");
      case "Split" -> {
        Patterns.check(part);
        part.oneOf("behavior", BEHAVIORS);
        part.flag("invert");
      }
      case "Sequence" -> part.each("pretokenizers", (place, one) -> check(place, one, depth - 1));
      default -> throw Sections.unknownType(part, "a pre-tokenizer");
    }
    return part.kept();
  }

  /** It serves as pre-tokenizer, post-processor and decoder. */
  static void byteLevel(Part part) {
    part.flag("add_prefix_space");
    part.flag("trim_offsets");
    part.flagIfAny("use_regex");
  }

  /** It serves as pre-tokenizer and decoder. */
  static void metaspace(Part part) {
    part.character("replacement");
    part.oneOfIfAny("prepend_scheme", SCHEMES);
    part.flagIfAny("split");
    if (part.has("add_prefix_space")
        && !part.flag("add_prefix_space")
        && !part.value("prepend_scheme").asText().equals("never")) {
      throw Part.wrong(
          part.where() + ": prepend_scheme",
          "never where add_prefix_space is false",
          part.value("prepend_scheme"));
    }
  }
}
