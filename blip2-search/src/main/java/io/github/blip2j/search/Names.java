package io.github.blip2j.search;

import java.util.Locale;
import java.util.Map;
import org.apache.lucene.index.IndexWriter;

/**
 * What ids and fields must be like: Lucene keeps each as one term of UTF-8, in which unpaired
 * surrogates would all be the same character.
 */
final class Names {
  /** Most bytes of UTF-8 of a field. */
  static final int MOST = IndexWriter.MAX_TERM_LENGTH;

  /** The same of an id, which has what it is of in front of it. */
  static final int MOST_OF_ID = 32_760;

  private Names() {}

  /**
   * Checks what an image or a text is to be added with.
   *
   * @throws IllegalArgumentException which names what is wrong
   */
  static void check(String id, Map<String, String> fields) {
    if (id.isBlank()) {
      throw new IllegalArgumentException("id (" + id + ") must not be blank");
    }
    check("id", id, MOST_OF_ID);
    fields.forEach(
        (key, value) -> {
          check("a field's name", key, MOST);
          check("field " + key, value, MOST);
        });
  }

  private static void check(String what, String text, int most) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else if (Character.isSurrogate(c)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s must be of whole characters, found half of one (U+%04X) at index %d",
                what,
                (int) c,
                i));
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    if (bytes > most) {
      throw new IllegalArgumentException(
          what + " (of " + bytes + " bytes in UTF-8) must have at most " + most);
    }
  }
}
