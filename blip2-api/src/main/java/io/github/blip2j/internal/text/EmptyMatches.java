package io.github.blip2j.internal.text;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whether an expression can match nothing at any place of a text: whether it matches the empty text
 * once what only looks around, such as {@code \b}, {@code ^} and {@code (?=…)}, asks for nothing.
 */
final class EmptyMatches {
  private static final String NOTHING = "(?:)";
  private static final String ANCHORS = "bBAzZGyYK";

  /** Letters behind a backslash by which Oniguruma means a kind of character, and Java may not. */
  private static final String KINDS = "pPXRhHNO";

  private final String regex;
  private final StringBuilder rest = new StringBuilder();
  private int at;

  private EmptyMatches(String regex) {
    this.regex = regex;
  }

  /** True too of what Java cannot read. */
  static boolean possible(String regex) {
    EmptyMatches reader = new EmptyMatches(regex);
    while (reader.at < regex.length()) {
      reader.step();
    }
    try {
      return Pattern.compile(reader.rest.toString()).matcher("").matches();
    } catch (PatternSyntaxException e) {
      return true;
    }
  }

  private void step() {
    char c = regex.charAt(at);
    if (c == '\\' && at + 1 < regex.length()) {
      escape(regex.charAt(at + 1));
    } else if (c == '[') {
      rest.append('x');
      at = Patterns.classEnd(regex, at) + 1;
    } else if (c == '^' || c == '$') {
      rest.append(NOTHING);
      at++;
    } else if (looksAround()) {
      rest.append(NOTHING);
      at = groupEnd() + 1;
    } else {
      rest.append(c);
      at++;
    }
  }

  private void escape(char kind) {
    at += 2;
    if (ANCHORS.indexOf(kind) >= 0) {
      rest.append(NOTHING);
    } else if (KINDS.indexOf(kind) >= 0) {
      rest.append('x');
      int end = regex.startsWith("{", at) ? regex.indexOf('}', at) : -1;
      at = end < 0 ? at : end + 1;
    } else {
      rest.append('\\').append(kind);
    }
  }

  private boolean looksAround() {
    return regex.startsWith("(?=", at)
        || regex.startsWith("(?!", at)
        || regex.startsWith("(?<=", at)
        || regex.startsWith("(?<!", at);
  }

  /** Index of the bracket that closes the group which begins here. */
  private int groupEnd() {
    int depth = 0;
    for (int i = at; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        i = Patterns.classEnd(regex, i);
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        return i;
      }
    }
    return regex.length();
  }
}
