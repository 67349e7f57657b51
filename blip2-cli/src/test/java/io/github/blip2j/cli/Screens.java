package io.github.blip2j.cli;

import java.util.ArrayList;
import java.util.List;

/** What a terminal shows of text with carriage returns, which write over what stands there. */
final class Screens {
  private Screens() {}

  /** All lines, the one that the cursor stands in last. */
  static List<String> lines(String written) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int cursor = 0;
    for (char letter : written.toCharArray()) {
      if (letter == '\n') {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
        cursor = 0;
      } else if (letter == '\r') {
        cursor = 0;
      } else {
        line.replace(cursor, Math.min(cursor + 1, line.length()), String.valueOf(letter));
        cursor++;
      }
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }

  static String lastLine(String written) {
    List<String> lines = lines(written);
    return lines.get(lines.size() - 1);
  }
}
