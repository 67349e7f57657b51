package io.github.blip2j.testkit;

import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.Arrays;

/** What {@link TokenChoice} says, written down as plainly as can be. */
final class TokenChoices {
  private TokenChoices() {}

  /** The token chosen in a step. */
  static int choose(TokenChoice choice, int step, float[] logits) {
    double[] scores = new double[logits.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = logits[i] / choice.temperature();
    }
    double[] sorted = Arrays.stream(scores).sorted().toArray();
    double largest = sorted[sorted.length - 1];
    if (!choice.isDrawn()) {
      return first(scores, largest);
    }
    double least = choice.topK() > 0 ? sorted[sorted.length - choice.topK()] : sorted[0];
    least = Math.max(least, nucleus(choice.topP(), sorted, largest, least));
    double all = mass(scores, largest, least);
    double passed = 0;
    int last = 0;
    for (int i = 0; i < scores.length && passed <= choice.draws()[step] * all; i++) {
      if (scores[i] >= least) {
        passed += Math.exp(scores[i] - largest);
        last = i;
      }
    }
    return last;
  }

  private static int first(double[] scores, double wanted) {
    int i = 0;
    while (scores[i] != wanted) {
      i++;
    }
    return i;
  }

  private static double nucleus(double p, double[] sorted, double largest, double least) {
    double wanted = p * mass(sorted, largest, least);
    double found = 0;
    int i = sorted.length;
    while (p < 1 && i > 0 && (i == sorted.length || found < wanted)) {
      found += Math.exp(sorted[--i] - largest);
    }
    return i == sorted.length ? sorted[0] : sorted[i];
  }

  private static double mass(double[] scores, double largest, double least) {
    return Arrays.stream(scores).filter(s -> s >= least).map(s -> Math.exp(s - largest)).sum();
  }
}
