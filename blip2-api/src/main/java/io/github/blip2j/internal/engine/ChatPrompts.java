package io.github.blip2j.internal.engine;

import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import java.util.List;
import java.util.function.Function;

/**
 * The prompts that a question can have: behind all turns, or behind the latest of them.
 *
 * @param turns oldest first
 * @param tokens ids of a prompt
 * @param imageTokens positions of the image in front of them
 */
record ChatPrompts(
    ChatTemplate template,
    List<ChatTurn> turns,
    String question,
    Function<String, int[]> tokens,
    int imageTokens) {
  /** Characters that a token has at least, in all but odd texts: what is longer is not tried. */
  private static final int MOST_CHARACTERS = 16;

  /**
   * Behind all turns.
   *
   * @throws IllegalArgumentException if image and prompt have more tokens than may be
   */
  int[] whole(int most) {
    return required(ids(0), most);
  }

  /**
   * Behind as many of the latest turns as fit. From the latest backwards, twice as many are tried
   * each time, so that the work grows with what fits and not with what was said.
   *
   * @throws IllegalArgumentException if not even the question alone fits
   */
  int[] latest(int most) {
    int all = turns.size();
    if (template.prompt(turns, question).length() <= (long) MOST_CHARACTERS * most) {
      int[] ids = ids(0);
      if (fits(ids, most)) {
        return ids;
      }
    }
    int from = all; // fits
    int[] best = required(ids(all), most);
    int tooMany = -1; // the latest start that does not fit
    for (int count = 1; from > 0 && tooMany < 0; count *= 2) {
      int next = Math.max(0, all - count);
      int[] ids = ids(next);
      if (fits(ids, most)) {
        from = next;
        best = ids;
      } else {
        tooMany = next;
      }
    }
    while (from - tooMany > 1) {
      int middle = (from + tooMany) >>> 1;
      int[] ids = ids(middle);
      if (fits(ids, most)) {
        from = middle;
        best = ids;
      } else {
        tooMany = middle;
      }
    }
    return best;
  }

  private int[] ids(int from) {
    return tokens.apply(template.prompt(turns.subList(from, turns.size()), question));
  }

  private boolean fits(int[] ids, int most) {
    return count(ids) <= most;
  }

  private int count(int[] ids) {
    return imageTokens + ids.length;
  }

  private int[] required(int[] ids, int most) {
    if (!fits(ids, most)) {
      throw new IllegalArgumentException(
          "image, history and question ("
              + count(ids)
              + " tokens) must be within "
              + most
              + " tokens");
    }
    return ids;
  }
}
