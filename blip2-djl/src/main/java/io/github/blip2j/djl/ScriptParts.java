package io.github.blip2j.djl;

import io.github.blip2j.core.BackendUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of TorchScript that do not depend on a checkpoint, from a resource beside this class. A
 * part is what lies between a line {@code ## name} and the next empty one; {@code ${name}} in it is
 * replaced by a value.
 */
final class ScriptParts {
  private static final String RESOURCE = "blip2.torchscript";
  private static final Pattern HOLE = Pattern.compile("\\$\\{([^}]*)\\}");

  /** The type of the module's packed objects. */
  private static final String PACKED = "__torch__.torch.classes.quantized.LinearPackedParamsBase";

  private final Map<String, String> parts;
  private final Map<String, String> constants = new HashMap<>();

  private ScriptParts(Map<String, String> parts) {
    this.parts = parts;
    for (TorchType type : TorchType.values()) {
      constants.put(type.name().toLowerCase(Locale.ROOT), Integer.toString(type.number()));
    }
    constants.put("packed object", PACKED);
    constants.put("packed list", "List[" + PACKED + "]");
    constants.put("few", Integer.toString(LinearKernel.FEW));
  }

  /**
   * Reads the resource.
   *
   * @throws BackendUnavailableException if it is not there, as in a jar that was packed anew
   */
  static ScriptParts read() {
    return read(RESOURCE);
  }

  /** Reads another resource of this package. */
  static ScriptParts read(String resource) {
    try (InputStream in = ScriptParts.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new BackendUnavailableException(
            "djl: expected the resource "
                + ScriptParts.class.getPackageName().replace('.', '/')
                + "/"
                + resource
                + " beside the backend's classes, found none; a jar that is packed anew must keep"
                + " it");
      }
      return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parts of a text. */
  static ScriptParts of(String text) {
    Map<String, String> parts = new LinkedHashMap<>();
    String name = "";
    for (String line : text.lines().toList()) {
      if (line.isEmpty()) {
        name = "";
      } else if (line.startsWith("## ")) {
        name = line.substring(3);
        parts.put(name, "");
      } else if (!name.isEmpty()) {
        parts.merge(name, line + "\n", String::concat);
      }
    }
    return new ScriptParts(parts);
  }

  /** The parts' names. */
  Set<String> names() {
    return parts.keySet();
  }

  /**
   * A part with its holes filled.
   *
   * @param values by name, beside the numbers of {@link TorchType}, {@code packed list}, {@code
   *     packed object} and {@code few}
   * @throws IllegalArgumentException if there is no such part, or no value for a hole
   */
  String part(String name, Map<String, String> values) {
    String part = parts.get(name);
    if (part == null) {
      throw new IllegalArgumentException(
          "expected a part of " + parts.keySet() + ", found '" + name + "'");
    }
    return HOLE.matcher(part)
        .replaceAll(hole -> Matcher.quoteReplacement(value(name, hole.group(1), values)));
  }

  private String value(String part, String hole, Map<String, String> values) {
    String value = values.getOrDefault(hole, constants.get(hole));
    if (value == null) {
      throw new IllegalArgumentException(
          part + ": expected a value for '" + hole + "', found those of " + values.keySet());
    }
    return value;
  }
}
