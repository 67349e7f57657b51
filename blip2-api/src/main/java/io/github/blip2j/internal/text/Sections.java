package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;

/** What the sections' rules share. */
final class Sections {
  /** How deep sequences may lie in sequences. */
  static final int DEEPEST = 8;

  private Sections() {}

  /** An object with a type, not too deep in others. */
  static Part part(String where, JsonNode node, int depth) {
    if (depth == 0) {
      throw new CheckpointException(
          where + ": expected sequences in sequences at most " + DEEPEST + " deep, found more");
    }
    return Part.of(where, node);
  }

  static CheckpointException unknownType(Part part, String what) {
    return Part.wrong(part.where() + ": type", what + " that is known", part.value("type"));
  }
}
