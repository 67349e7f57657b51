package io.github.blip2j.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;

/**
 * An object in which a key that comes twice has neither value: whoever asks for it is told so, and
 * nobody else is.
 */
@SuppressWarnings("unchecked") // of the class that it extends
final class Twice extends ObjectNode {
  private static final long serialVersionUID = 1L;

  private Twice(JsonNodeFactory factory) {
    super(factory);
  }

  @Override
  public JsonNode replace(String key, JsonNode value) {
    JsonNode before = super.replace(key, value);
    if (before != null) {
      super.replace(key, new POJONode("two values"));
    }
    return before;
  }

  /** Makes such objects. */
  static final class Factory extends JsonNodeFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public ObjectNode objectNode() {
      return new Twice(this);
    }
  }
}
