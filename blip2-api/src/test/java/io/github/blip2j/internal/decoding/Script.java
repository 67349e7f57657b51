package io.github.blip2j.internal.decoding;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * What a {@link ScriptedSession} answers.
 *
 * @param next the likeliest token after a token; the one after that is the second likeliest
 * @param draft what the draft takes for the likeliest
 * @param best logit of the likeliest token
 * @param second logit of the second likeliest
 * @param rest logit of all others
 */
public record Script(
    IntUnaryOperator next, IntUnaryOperator draft, float best, float second, float rest) {
  /** After each token comes the next of a circle; the draft knows it. */
  public static Script counting(int circle, float best, float second, float rest) {
    IntUnaryOperator next = token -> (token + 1) % circle;
    return new Script(next, next, best, second, rest);
  }

  Script withDraft(IntUnaryOperator other) {
    return new Script(next, other, best, second, rest);
  }

  int secondAfter(int token) {
    return next.applyAsInt(next.applyAsInt(token));
  }

  /** Logits after a token, written from an index on. */
  void answer(int token, float[] logits, int from, int vocabulary) {
    Arrays.fill(logits, from, from + vocabulary, rest);
    logits[from + secondAfter(token)] = second;
    logits[from + next.applyAsInt(token)] = best;
  }

  /** The draft's logits after a token. */
  void guess(int token, float[] logits, int vocabulary) {
    Arrays.fill(logits, 0, vocabulary, rest);
    logits[draft.applyAsInt(token)] = best;
  }

  /** A draw below one half takes the likelier of two tokens with the smaller id. */
  int drawn(int token, double draw) {
    int likeliest = next.applyAsInt(token);
    int second = secondAfter(token);
    return draw < 0.5 ? Math.min(likeliest, second) : Math.max(likeliest, second);
  }
}
