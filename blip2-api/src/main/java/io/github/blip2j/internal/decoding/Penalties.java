package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Processors that look at what is there already, as in Transformers' {@code
 * generation/logits_process.py}.
 */
final class Penalties {
  private static final float BANNED = Float.NEGATIVE_INFINITY;

  private Penalties() {}

  /** Those that the options ask for, in the reference's order; users' own come behind them. */
  static List<LogitsProcessor> of(GenerationOptions options, List<Integer> endTokens) {
    List<LogitsProcessor> chain = new ArrayList<>();
    if (options.repetitionPenalty() != 1) {
      chain.add(repetition((float) options.repetitionPenalty()));
    }
    if (options.noRepeatNgramSize() > 0) {
      chain.add(noRepeatNgram(options.noRepeatNgramSize()));
    }
    for (List<Integer> word : options.badWordsIds()) {
      if (word.size() > 1 || !endTokens.contains(word.get(0))) { // an end token is no bad word
        chain.add(badWord(word));
      }
    }
    if (options.minNewTokens() > 0) {
      chain.add(minNewTokens(options.minNewTokens(), endTokens));
    }
    if (!options.choices().isEmpty()) {
      chain.add(choices(options.choices(), endTokens));
    }
    return chain;
  }

  /** Those that users wrote. */
  static List<LogitsProcessor> ofUsers(GenerationOptions options) {
    return options.scoreProcessors().stream()
        .<LogitsProcessor>map(
            user ->
                (sequence, scores) -> {
                  user.process(sequence.history(), scores);
                  requireScores(scores);
                })
        .toList();
  }

  /** Negative infinity forbids a token; nothing else that is not finite can be compared. */
  private static void requireScores(float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      if (!(scores[i] < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "a score processor must give finite scores or negative infinity, but gave "
                + scores[i]
                + " for token "
                + i);
      }
    }
  }

  /**
   * {@code RepetitionPenaltyLogitsProcessor}: each token counts once, however often it is there.
   */
  static LogitsProcessor repetition(float penalty) {
    return (sequence, scores) -> {
      int[] seen = Arrays.copyOf(sequence.tokens(), sequence.length());
      Arrays.sort(seen);
      for (int i = 0; i < seen.length; i++) {
        if (i == 0 || seen[i] != seen[i - 1]) {
          float score = scores[seen[i]];
          scores[seen[i]] = score < 0 ? score * penalty : score / penalty;
        }
      }
    };
  }

  /** {@code NoRepeatNGramLogitsProcessor}. */
  static LogitsProcessor noRepeatNgram(int size) {
    return (sequence, scores) -> {
      int[] tokens = sequence.tokens();
      int tail = sequence.length() - size + 1; // where the n-gram to come begins
      for (int start = 0; start < tail; start++) {
        if (Arrays.equals(tokens, start, start + size - 1, tokens, tail, tail + size - 1)) {
          scores[tokens[start + size - 1]] = BANNED;
        }
      }
    };
  }

  /** {@code NoBadWordsLogitsProcessor}, one word: its last token is banned behind its others. */
  static LogitsProcessor badWord(List<Integer> word) {
    int[] before = word.stream().limit(word.size() - 1L).mapToInt(Integer::intValue).toArray();
    int last = word.get(word.size() - 1);
    return (sequence, scores) -> {
      int from = sequence.length() - before.length;
      boolean there =
          word.size() <= sequence.length()
              && Arrays.equals(
                  sequence.tokens(), from, sequence.length(), before, 0, before.length);
      if ((there || before.length == 0) && last < scores.length) {
        scores[last] = BANNED;
      }
    };
  }

  /** {@code MinNewTokensLengthLogitsProcessor}. */
  static LogitsProcessor minNewTokens(int least, List<Integer> endTokens) {
    return (sequence, scores) -> {
      if (sequence.written() < least) {
        endTokens.forEach(id -> scores[id] = BANNED);
      }
    };
  }

  /**
   * Only tokens that go on with one of the choices, and an end token behind a whole one
   * (Transformers, {@code PrefixConstrainedLogitsProcessor}).
   */
  static LogitsProcessor choices(List<List<Integer>> choices, List<Integer> endTokens) {
    return (sequence, scores) -> {
      List<Integer> written = sequence.ids();
      float[] before = scores.clone();
      Arrays.fill(scores, BANNED);
      for (List<Integer> choice : choices) {
        int at = written.size();
        if (at > choice.size() || !choice.subList(0, at).equals(written)) {
          continue;
        }
        for (int id : at < choice.size() ? List.of(choice.get(at)) : endTokens) {
          if (id < scores.length) {
            scores[id] = before[id];
          }
        }
      }
    };
  }
}
