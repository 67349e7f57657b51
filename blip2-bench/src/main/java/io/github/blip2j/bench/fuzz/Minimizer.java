package io.github.blip2j.bench.fuzz;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Makes a file that fails smaller, by leaving out pieces for as long as it still fails: halves
 * first, then smaller ones (Zeller and Hildebrandt 2002, delta debugging).
 */
final class Minimizer {
  private Minimizer() {}

  /**
   * The smallest that was found.
   *
   * @param bytes a file that fails
   * @param fails whether another one still does, in the same way
   * @param tries at most so many
   */
  static byte[] minimized(byte[] bytes, Predicate<byte[]> fails, int tries) {
    byte[] best = bytes;
    int left = tries;
    int piece = Math.max(1, best.length / 2);
    while (left > 0 && best.length > 1) {
      boolean shorter = false;
      for (int from = 0; from < best.length && left > 0; ) {
        byte[] candidate = without(best, from, Math.min(piece, best.length - from));
        left--;
        if (fails.test(candidate)) {
          best = candidate;
          shorter = true;
        } else {
          from += piece;
        }
      }
      if (piece > 1) {
        piece /= 2;
      } else if (!shorter) {
        return best;
      }
    }
    return best;
  }

  private static byte[] without(byte[] bytes, int from, int length) {
    byte[] rest = Arrays.copyOf(bytes, bytes.length - length);
    System.arraycopy(bytes, from + length, rest, from, bytes.length - from - length);
    return rest;
  }
}
