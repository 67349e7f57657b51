package io.github.blip2j.generation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The form in which the VQA evaluation compares answers: without punctuation and articles, numbers
 * as digits, contractions with their apostrophes.
 *
 * <p>Source: the evaluation's rules at visualqa.org, {@code vqaEval.py} ({@code
 * processPunctuation}, {@code processDigitArticle}), its quirks included.
 */
public final class VqaAnswers {
  private static final String PUNCTUATION = ";/[]\"{}()=+\\_-><@`,?!";
  private static final Pattern NUMBER_COMMA = Pattern.compile("\\d,\\d");
  private static final Pattern PERIOD = Pattern.compile("\\.(?!\\d)");
  private static final List<String> ARTICLES = List.of("a", "an", "the");
  private static final List<String> NUMBERS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");
  private static final Map<String, String> CONTRACTIONS = contractions();

  private VqaAnswers() {}

  /**
   * Brings an answer into the evaluation's form.
   *
   * @param answer any text
   * @return lower-case words with one space between them; may be empty
   */
  public static String normalize(String answer) {
    String text = answer.replace('\n', ' ').replace('\t', ' ').strip();
    StringJoiner words = new StringJoiner(" ");
    for (String word : withoutPunctuation(text).toLowerCase(Locale.ROOT).strip().split("\\s+")) {
      String number = digits(word);
      if (!number.isEmpty() && !ARTICLES.contains(number)) {
        words.add(CONTRACTIONS.getOrDefault(number, number));
      }
    }
    return words.toString();
  }

  /** A mark beside a space vanishes, any other becomes a space. */
  private static String withoutPunctuation(String text) {
    boolean thousands = NUMBER_COMMA.matcher(text).find();
    String rest = text;
    for (char mark : PUNCTUATION.toCharArray()) {
      boolean vanishes = thousands || text.contains(mark + " ") || text.contains(" " + mark);
      rest = rest.replace(String.valueOf(mark), vanishes ? "" : " ");
    }
    return PERIOD.matcher(rest).replaceAll("");
  }

  private static String digits(String word) {
    int number = word.equals("none") ? 0 : NUMBERS.indexOf(word);
    return number < 0 ? word : Integer.toString(number);
  }

  private static Map<String, String> contractions() {
    Map<String, String> map = new HashMap<>();
    try (InputStream in = VqaAnswers.class.getResourceAsStream("vqa-contractions.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      text.lines().map(line -> line.split(" ")).forEach(pair -> map.put(pair[0], pair[1]));
      return Map.copyOf(map);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
