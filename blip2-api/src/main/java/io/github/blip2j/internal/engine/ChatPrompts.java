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
    Function<String, PromptTokens> tokens,
    int imageTokens) {
  /** Characters that a token has at least, in all but odd texts: what is longer is not tried. */
  private static final int MOST_CHARACTERS = 16;

  /**
   * Behind all turns.
   *
   * @throws IllegalArgumentException if image and prompt have more tokens than may be, or the
   *     Q-Former cannot read them
   */
  PromptTokens whole(int most) {
    return required(ids(0), most);
  }

  /**
   * Behind as many of the latest turns as fit. From the latest backwards, twice as many are tried
   * each time, so that the work grows with what fits and not with what was said.
   *
   * @throws IllegalArgumentException if not even the question alone fits
   */
  PromptTokens latest(int most) {
    int all = turns.size();
    if (template.prompt(turns, question).length() <= (long) MOST_CHARACTERS * most) {
      PromptTokens ids = ids(0);
      if (fits(ids, most)) {
        return ids;
      }
    }
    int from = all; // fits
    PromptTokens best = required(ids(all), most);
    int tooMany = -1; // the latest start that does not fit
    for (int count = 1; from > 0 && tooMany < 0; count *= 2) {
      int next = Math.max(0, all - count);
      PromptTokens ids = ids(next);
      if (fits(ids, most)) {
        from = next;
        best = ids;
      } else {
        tooMany = next;
      }
    }
    while (from - tooMany > 1) {
      int middle = (from + tooMany) >>> 1;
      PromptTokens ids = ids(middle);
      if (fits(ids, most)) {
        from = middle;
        best = ids;
      } else {
        tooMany = middle;
      }
    }
    return best;
  }

  private PromptTokens ids(int from) {
    return tokens.apply(template.prompt(turns.subList(from, turns.size()), question));
  }

  private boolean fits(PromptTokens ids, int most) {
    return count(ids) <= most && ids.readable();
  }

  private int count(PromptTokens ids) {
    return imageTokens + ids.text().length;
  }

  private PromptTokens required(PromptTokens ids, int most) {
    if (count(ids) > most) {
      throw new IllegalArgumentException(
          "image, history and question ("
              + count(ids)
              + " tokens) must be within "
              + most
              + " tokens");
    }
    return ids.requireReadable();
  }
}
