package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.blip2j.core.CheckpointException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Patterns of {@code Split} and {@code Replace}: a text or a regular expression, neither of which
 * may match nothing. A repetition of something that itself repeats without a bound is refused too:
 * Oniguruma gives such searches up after ten million steps, and the library then ends the process.
 */
final class Patterns {
  private Patterns() {}

  /** Checks and keeps {@code {"String": …}} or {@code {"Regex": …}} under the key "pattern". */
  static void check(Part part) {
    String where = part.where() + ": pattern";
    JsonNode pattern = part.value("pattern");
    if (!pattern.isObject() || pattern.size() != 1 || !isKind(pattern)) {
      throw Part.wrong(where, "{\"String\": text} or {\"Regex\": text}", pattern);
    }
    String kind = pattern.fieldNames().next();
    String text = Part.text(where + ": " + kind, pattern.path(kind));
    if (text.isEmpty()) {
      throw Part.wrong(where + ": " + kind, "a text that is not empty", pattern.path(kind));
    }
    if (kind.equals("Regex")) {
      checkRegex(where, text);
    }
    part.keep("pattern", JsonNodeFactory.instance.objectNode().put(kind, text));
  }

  /**
   * The same of a pattern that is replaced: a match without a letter, as of {@code \b} or a
   * lookahead, would move the places of the letters, where the library ends the process or never
   * comes back.
   */
  static void checkReplaced(Part part) {
    check(part);
    String regex = part.kept().path("pattern").path("Regex").asText();
    if (!regex.isEmpty() && EmptyMatches.possible(regex)) {
      throw new CheckpointException(
          part.where()
              + ": pattern: expected an expression whose every match has a letter, found "
              + regex);
    }
  }

  private static boolean isKind(JsonNode pattern) {
    return pattern.has("String") || pattern.has("Regex");
  }

  private static void checkRegex(String where, String regex) {
    if (repeatsRepetition(regex)) {
      throw new CheckpointException(
          where + ": expected no repetition of a repetition, found " + regex);
    }
    boolean empty;
    try {
      empty = Pattern.compile(regex).matcher("").matches();
    } catch (PatternSyntaxException e) {
      return; // Oniguruma knows more than Java, and reports what it does not know
    }
    if (empty) {
      throw new CheckpointException(
          where + ": expected an expression that matches something, found " + regex);
    }
  }

  /** Whether a group that has an unbounded repetition in it is repeated without a bound itself. */
  static boolean repeatsRepetition(String regex) {
    Deque<Boolean> outer = new ArrayDeque<>();
    boolean repeats = false; // in the innermost open group
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        i = classEnd(regex, i);
      } else if (c == '(') {
        outer.push(repeats);
        repeats = false;
      } else if (c == ')') {
        if (repeats && unbounded(regex, i + 1)) {
          return true;
        }
        repeats = !outer.isEmpty() && outer.pop() || repeats;
      } else if (unbounded(regex, i)) {
        repeats = true;
      }
    }
    return false;
  }

  /** Whether {@code *}, {@code +}, {@code {n,}} or a large count stands there. */
  private static boolean unbounded(String regex, int at) {
    if (at >= regex.length()) {
      return false;
    }
    char c = regex.charAt(at);
    if (c != '{') {
      return c == '*' || c == '+';
    }
    int end = regex.indexOf('}', at);
    return end > 0 && (regex.charAt(end - 1) == ',' || end - at > 4);
  }

  /** Index of the bracket that closes a class of characters; classes may be nested. */
  static int classEnd(String regex, int start) {
    int depth = 0;
    for (int i = start; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        depth++;
      } else if (c == ']' && --depth == 0) {
        return i;
      }
    }
    return regex.length();
  }
}
