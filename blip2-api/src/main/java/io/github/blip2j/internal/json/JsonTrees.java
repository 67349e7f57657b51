package io.github.blip2j.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Map;

/**
 * Reads and writes trees of JSON with Jackson's streaming parser. Its {@code ObjectMapper} reads
 * the same trees, but brings 300 classes of its own, which a third of a second goes by with before
 * the first file of a checkpoint is read. Immutable; safe for many threads.
 *
 * @param format which JSON is read: whether keys may come twice, or numbers be none
 * @param nodes makes the tree
 */
public record JsonTrees(JsonFactory format, JsonNodeFactory nodes) {
  /** Of a key that comes twice the last value counts. */
  public static final JsonTrees PLAIN = new JsonTrees(new JsonFactory(), JsonNodeFactory.instance);

  /** Each key comes once. Keys are names of tensors or a vocabulary, too many to be interned. */
  public static final JsonTrees STRICT =
      new JsonTrees(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .build(),
          JsonNodeFactory.instance);

  /**
   * Reads one value and nothing behind it.
   *
   * @param bytes JSON, in UTF-8 unless it says otherwise
   * @return the tree; a missing node where there is nothing but white space
   * @throws JsonParseException if it is no JSON, is nested more than a thousand deep, or has
   *     something behind the value
   */
  public JsonNode read(byte[] bytes) throws IOException {
    try (JsonParser parser = format.createParser(bytes)) {
      return whole(parser);
    }
  }

  /**
   * The same of a text.
   *
   * @param text JSON
   * @return as there
   * @throws JsonParseException as there
   */
  public JsonNode read(String text) throws IOException {
    try (JsonParser parser = format.createParser(text)) {
      return whole(parser);
    }
  }

  /**
   * Writes a tree of what JSON has: no binary values and no objects of Java's.
   *
   * @param tree any node but a missing one
   * @return UTF-8, without white space
   * @throws IOException never
   */
  public byte[] write(JsonNode tree) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = format.createGenerator(bytes)) {
      write(generator, tree);
    }
    return bytes.toByteArray();
  }

  private JsonNode whole(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return MissingNode.getInstance();
    }
    JsonNode tree = value(parser, first);
    if (parser.nextToken() != null) {
      throw new JsonParseException(parser, "Trailing token " + parser.currentToken());
    }
    return tree;
  }

  private JsonNode value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> nodes.textNode(parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> nodes.booleanNode(true);
      case VALUE_FALSE -> nodes.booleanNode(false);
      case VALUE_NULL -> nodes.nullNode();
      default -> throw new JsonParseException(parser, "Unexpected token " + token);
    };
  }

  private JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> nodes.numberNode(parser.getIntValue());
      case LONG -> nodes.numberNode(parser.getLongValue());
      default -> nodes.numberNode(parser.getBigIntegerValue());
    };
  }

  private JsonNode object(JsonParser parser) throws IOException {
    ObjectNode object = nodes.objectNode();
    for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
      object.replace(key, value(parser, parser.nextToken()));
    }
    return object;
  }

  private JsonNode array(JsonParser parser) throws IOException {
    ArrayNode array = nodes.arrayNode();
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      array.add(value(parser, next));
    }
    return array;
  }

  private static void write(JsonGenerator generator, JsonNode node) throws IOException {
    switch (node.getNodeType()) {
      case OBJECT -> {
        generator.writeStartObject();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
          generator.writeFieldName(entry.getKey());
          write(generator, entry.getValue());
        }
        generator.writeEndObject();
      }
      case ARRAY -> {
        generator.writeStartArray();
        for (JsonNode element : node) {
          write(generator, element);
        }
        generator.writeEndArray();
      }
      case STRING -> generator.writeString(node.textValue());
      case NUMBER -> writeNumber(generator, node.numberValue());
      case BOOLEAN -> generator.writeBoolean(node.booleanValue());
      case NULL -> generator.writeNull();
      default -> throw new IllegalArgumentException("JSON has no " + node.getNodeType());
    }
  }

  private static void writeNumber(JsonGenerator generator, Number number) throws IOException {
    if (number instanceof Integer || number instanceof Long) {
      generator.writeNumber(number.longValue());
    } else if (number instanceof BigInteger large) {
      generator.writeNumber(large);
    } else {
      generator.writeNumber(number.doubleValue());
    }
  }
}
