package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Damages a checkpoint's tokenizer again and again and uses what can still be loaded. A program of
 * its own, since native code that does not bear a file ends the process. The last file tried is
 * left in the folder.
 *
 * <p>Arguments: a folder with a checkpoint, the first seed, how many. Ends with 0 and a line {@code
 * refused R, ran A} if there was nothing but our exception; with 3 and the seed if there was.
 */
public final class TokenizerMutations {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> PROMPTS =
      List.of("", " a photo of \u0041\u030a,  two Cats' \u4e2d\u6587!\n", "x".repeat(300));

  private TokenizerMutations() {}

  /** Runs. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    long first = Long.parseLong(arguments[1]);
    int count = Integer.parseInt(arguments[2]);
    Path file = folder.resolve("tokenizer.json");
    byte[] whole = Files.readAllBytes(file);
    JsonNode tree = MAPPER.readTree(whole);
    Checkpoint checkpoint = Checkpoint.open(folder);
    int refused = 0;
    for (long seed = first; seed < first + count; seed++) {
      Random random = new Random(seed);
      byte[] damaged = random.nextInt(3) == 0 ? bytes(random, whole) : values(random, tree);
      Files.write(file, damaged);
      try {
        use(checkpoint);
      } catch (CheckpointException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        System.out.println("seed " + seed + ": " + e);
        System.exit(3);
      }
    }
    System.out.println("refused " + refused + ", ran " + (count - refused));
  }

  private static void use(Checkpoint checkpoint) {
    try (Tokenizer tokenizer = Tokenizer.load(checkpoint)) {
      for (String prompt : PROMPTS) {
        List<Integer> ids = Arrays.stream(tokenizer.encode(prompt)).boxed().toList();
        tokenizer.decode(ids);
      }
      int most = checkpoint.config().head().vocabularySize();
      tokenizer.decode(IntStream.range(0, most).boxed().toList());
      tokenizer.encodePlain("a");
    }
  }

  /** Some bytes changed, taken out or doubled. */
  private static byte[] bytes(Random random, byte[] whole) {
    byte[] damaged = whole.clone();
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(damaged.length);
      switch (random.nextInt(4)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> damaged[at] = (byte) random.nextInt(256);
        case 2 -> damaged = Arrays.copyOf(damaged, at + 1);
        default -> {
          int from = Math.max(0, at - random.nextInt(40));
          byte[] shorter = Arrays.copyOf(damaged, damaged.length - (at - from));
          System.arraycopy(damaged, at, shorter, from, damaged.length - at);
          damaged = shorter;
        }
      }
      if (damaged.length == 0) {
        return damaged;
      }
    }
    return damaged;
  }

  /** Valid JSON with some values changed; small sections as often as the large vocabulary. */
  private static byte[] values(Random random, JsonNode tree) throws IOException {
    JsonNode copy = tree.deepCopy();
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      JsonNode at = copy;
      while (true) {
        int size = at.size();
        if (size == 0) {
          break;
        }
        int child = random.nextInt(size);
        JsonNode next = child(at, child);
        if (!next.isContainerNode() || next.isEmpty() || random.nextInt(6) == 0) {
          replace(random, at, child, next);
          break;
        }
        at = next;
      }
    }
    return MAPPER.writeValueAsBytes(copy);
  }

  private static JsonNode child(JsonNode parent, int index) {
    return parent.isArray() ? parent.get(index) : parent.get(name(parent, index));
  }

  private static String name(JsonNode parent, int index) {
    List<String> names = new ArrayList<>();
    parent.fieldNames().forEachRemaining(names::add);
    return names.get(index);
  }

  private static void replace(Random random, JsonNode parent, int index, JsonNode old) {
    int how = random.nextInt(8);
    if (parent instanceof ArrayNode array) {
      switch (how) {
        case 0 -> array.remove(index);
        case 1 -> array.insert(index, old);
        default -> array.set(index, other(random, old));
      }
    } else {
      ObjectNode object = (ObjectNode) parent;
      String name = name(parent, index);
      switch (how) {
        case 0 -> object.remove(name);
        case 1 -> {
          object.remove(name);
          object.set(text(random, name), old);
        }
        default -> object.set(name, other(random, old));
      }
    }
  }

  private static JsonNode other(Random random, JsonNode old) {
    var make = MAPPER.getNodeFactory();
    if (old.isTextual() && random.nextInt(2) == 0) {
      return make.textNode(text(random, old.textValue()));
    }
    return switch (random.nextInt(9)) {
      case 0 -> make.nullNode();
      case 1 -> make.numberNode(random.nextInt());
      case 2 -> make.numberNode(random.nextInt(300) - 2);
      case 3 -> make.numberNode(random.nextGaussian() * Math.pow(10, random.nextInt(400) - 80));
      case 4 -> make.booleanNode(random.nextBoolean());
      case 5 -> make.textNode("");
      case 6 -> make.textNode(random.nextBoolean() ? "\ud800" : "Sequence");
      case 7 -> make.arrayNode();
      default -> make.objectNode();
    };
  }

  /** A text with a letter or a bit changed; of base64 that is a bit of what it stands for. */
  private static String text(Random random, String text) {
    if (text.isEmpty()) {
      return "a";
    }
    char[] letters = text.toCharArray();
    int at = random.nextInt(letters.length);
    String others = "+*(\\Aa \u0000\u00ff\u4e2d0</AQgw";
    letters[at] =
        random.nextBoolean()
            ? (char) (letters[at] ^ 1 << random.nextInt(6))
            : others.charAt(random.nextInt(others.length()));
    String changed = new String(letters);
    byte[] encoded = changed.getBytes(StandardCharsets.UTF_8);
    return new String(encoded, StandardCharsets.UTF_8);
  }
}
