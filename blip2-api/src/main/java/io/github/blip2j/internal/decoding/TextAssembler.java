package io.github.blip2j.internal.decoding;

import java.util.List;
import java.util.function.Function;

/**
 * Text of tokens that are still coming, handed out in pieces that never change afterwards: nothing
 * that may be a part of a character, of a run of tokens that is decoded as one, of a stop string,
 * or of white space that ends the text. The pieces together are the whole text as it would be cut
 * and stripped at the end. For one thread.
 */
public final class TextAssembler {
  private static final char UNDECODED = '\uFFFD';

  private final Function<List<Integer>, String> decoder;
  private final TextCleaner cleaner;
  private final List<String> stopStrings;
  private int handedOut;

  /** What is done with a whole text: cut before a stop string, white space stripped. */
  @FunctionalInterface
  public interface TextCleaner {
    /** The clean text. */
    String clean(String text);

    /** How much of a text's first {@code end} characters stays clean as it is, whatever follows. */
    default int settled(String text, int end) {
      return end;
    }

    /** How many of a text's first tokens keep their part of it, whatever follows. */
    default int settledTokens(List<Integer> ids) {
      return ids.size();
    }
  }

  /**
   * Starts with nothing.
   *
   * @param cleaner what is done with the text as a whole
   * @param stopStrings texts whose beginnings are held back
   */
  public TextAssembler(
      Function<List<Integer>, String> decoder, TextCleaner cleaner, List<String> stopStrings) {
    this.decoder = decoder;
    this.cleaner = cleaner;
    this.stopStrings = stopStrings;
  }

  /**
   * Takes all tokens so far.
   *
   * @param last whether no more will come, so that nothing is held back
   * @return what can be handed out now; may be empty
   */
  public String next(List<Integer> ids, boolean last) {
    List<Integer> settled = last ? ids : ids.subList(0, cleaner.settledTokens(ids));
    String text = decoder.apply(settled);
    String clean = cleaner.clean(last ? text : withoutOpenEnd(text));
    if (clean.length() <= handedOut) {
      return "";
    }
    String piece = clean.substring(handedOut);
    handedOut = clean.length();
    return piece;
  }

  private String withoutOpenEnd(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == UNDECODED) {
      end--;
    }
    for (String stop : stopStrings) {
      for (int part = Math.min(stop.length() - 1, end); part > 0; part--) {
        if (stop.startsWith(text.substring(end - part, end))) {
          end -= part;
          break;
        }
      }
    }
    return text.substring(0, cleaner.settled(text, end));
  }
}
