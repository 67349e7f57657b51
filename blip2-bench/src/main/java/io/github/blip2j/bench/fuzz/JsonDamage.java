package io.github.blip2j.bench.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Well-formed JSON that says something wrong: another type, another number, a member less or more.
 * A safetensors file has its header damaged so, with the length in front of it right again.
 */
final class JsonDamage {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TENSORS = ".safetensors";
  private static final int LENGTH_BYTES = 8;
  private static final double[] NUMBERS = {
    0, 1, -1, 2, 3, 64.7, 1e-5, 1e9, 1e18, 1e300, Integer.MAX_VALUE, Long.MAX_VALUE, 1L << 40
  };
  private static final String[] TEXTS = {
    "",
    " ",
    "x",
    "gelu",
    "float16",
    "[",
    "(",
    "\\p{Foo}",
    "\u0000",
    "../../x",
    "\ud83d\ude00",
    "AAAA"
  };

  private final SplittableRandom random;

  JsonDamage(SplittableRandom random) {
    this.random = random;
  }

  static boolean fits(Sample sample) {
    return sample.name().endsWith(".json") || sample.name().endsWith(TENSORS);
  }

  byte[] damaged(Sample sample) {
    try {
      byte[] bytes = sample.bytes();
      if (!sample.name().endsWith(TENSORS)) {
        return MAPPER.writeValueAsBytes(changed(MAPPER.readTree(bytes)));
      }
      int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] data = Arrays.copyOfRange(bytes, LENGTH_BYTES + length, bytes.length);
      JsonNode header = MAPPER.readTree(bytes, LENGTH_BYTES, length);
      byte[] text = MAPPER.writeValueAsString(changed(header)).getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(LENGTH_BYTES + text.length + data.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(text.length)
          .put(text)
          .put(data)
          .array();
    } catch (IOException e) {
      throw new UncheckedIOException(sample.name(), e);
    }
  }

  private JsonNode changed(JsonNode root) {
    for (int steps = 1 + random.nextInt(2); steps > 0; steps--) {
      change(root);
    }
    return root;
  }

  /** Changes one member of one object or array, every one of them as likely. */
  private void change(JsonNode root) {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers, 0);
    if (containers.isEmpty()) {
      return;
    }
    JsonNode chosen = containers.get(random.nextInt(containers.size()));
    if (chosen instanceof ObjectNode object) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(name + TEXTS[random.nextInt(TEXTS.length)], object.get(name));
        default -> object.set(name, value(object.get(name), containers));
      }
    } else if (chosen instanceof ArrayNode array) {
      int at = random.nextInt(array.size());
      switch (random.nextInt(4)) {
        case 0 -> array.remove(at);
        case 1 -> array.insert(at, array.get(at).deepCopy());
        default -> array.set(at, value(array.get(at), containers));
      }
    }
  }

  /** Objects and arrays that have members; of long arrays a few only. */
  private static void collect(JsonNode node, List<JsonNode> into, int depth) {
    if (!node.isContainerNode() || node.isEmpty() || depth > 60) {
      return;
    }
    into.add(node);
    int step = Math.max(1, node.size() / 40);
    int i = 0;
    for (JsonNode member : node) {
      if (i++ % step == 0) {
        collect(member, into, depth + 1);
      }
    }
  }

  private JsonNode value(JsonNode old, List<JsonNode> containers) {
    return switch (random.nextInt(9)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(!old.asBoolean());
      case 2 -> NODES.textNode(TEXTS[random.nextInt(TEXTS.length)]);
      case 3 -> NODES.objectNode();
      case 4 -> NODES.arrayNode();
      case 5 -> containers.get(random.nextInt(containers.size())).deepCopy();
      case 6 -> near(old);
      default -> number();
    };
  }

  private JsonNode number() {
    double value = NUMBERS[random.nextInt(NUMBERS.length)];
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e18;
    return whole ? NODES.numberNode((long) value) : NODES.numberNode(value);
  }

  /** A little beside what stood there. */
  private JsonNode near(JsonNode old) {
    if (old.isIntegralNumber()) {
      return NODES.numberNode(old.asLong() + random.nextInt(-2, 3));
    }
    if (old.isTextual() && !old.asText().isEmpty()) {
      String text = old.asText();
      int at = random.nextInt(text.length());
      return NODES.textNode(
          text.substring(0, at) + (char) (32 + random.nextInt(96)) + text.substring(at + 1));
    }
    return number();
  }
}
