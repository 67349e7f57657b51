package io.github.blip2j.internal.text;

import java.util.List;
import java.util.Set;

/**
 * Takes out spaces that stand between words only because a tokenizer put them there, as in {@code
 * "the cat ."} (Transformers, {@code clean_up_tokenization}).
 */
enum SpaceCleanup {
  /** Leaves every text as it is. */
  OFF,
  /** Takes the spaces out. */
  ON;

  private static final List<String> SPACED =
      List.of(" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're");

  /** Words after which a space may still become part of one of those. */
  private static final Set<String> OPEN = Set.of("", "'", "n", "n'", "'v", "'r");

  /** The clean text, each kind taken out in the reference's order. */
  String clean(String text) {
    String clean = text;
    for (int i = 0; this == ON && i < SPACED.size(); i++) {
      String spaced = SPACED.get(i);
      clean = clean.replace(spaced, spaced.strip());
    }
    return clean;
  }

  /**
   * How much of a text that goes on stays as it is cleaned now: up to a space among the last
   * characters in front of which no word stands that the space may be joined to.
   */
  int settled(String text, int end) {
    if (this == OFF) {
      return end;
    }
    int cut =
        text.indexOf(' ', Math.max(0, end - 4)); // the longest begins three in front of its end
    if (cut < 0 || cut >= end) {
      return end;
    }
    int before = text.lastIndexOf(' ', cut - 1);
    while (before >= 0 && OPEN.contains(text.substring(before + 1, cut))) {
      cut = before;
      before = text.lastIndexOf(' ', cut - 1);
    }
    return cut;
  }
}
