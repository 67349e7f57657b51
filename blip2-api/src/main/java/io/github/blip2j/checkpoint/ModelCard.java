package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a model's {@code README.md} says in front of its text, as the Hub has it. */
final class ModelCard {
  private static final Pattern LICENCE =
      Pattern.compile("license(?:_name)?:\\s*['\"]?([\\w.+-]{1,80})['\"]?\\s*");
  private static final String EDGE = "---";

  private ModelCard() {}

  /**
   * The licence of a checkpoint's weights.
   *
   * @return its name on the Hub, such as {@code mit}; {@code unknown} if there is no card or it
   *     does not say
   * @throws CheckpointException if the card cannot be read
   */
  static String licence(Path directory) {
    Path card = directory.resolve("README.md");
    if (!Files.isRegularFile(card)) {
      return "unknown";
    }
    try {
      List<String> lines = Files.readAllLines(card);
      if (lines.isEmpty() || !lines.get(0).strip().equals(EDGE)) {
        return "unknown";
      }
      String licence = "unknown";
      for (String line : lines.subList(1, lines.size())) {
        if (line.strip().equals(EDGE)) {
          break;
        }
        Matcher named = LICENCE.matcher(line);
        // license_name says more than "license: other"
        if (named.matches() && (licence.equals("unknown") || line.startsWith("license_name"))) {
          licence = named.group(1);
        }
      }
      return licence;
    } catch (MalformedInputException e) {
      return "unknown";
    } catch (IOException e) {
      throw CheckpointException.unreadable(card, e);
    }
  }
}
