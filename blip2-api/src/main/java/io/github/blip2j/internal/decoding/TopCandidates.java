package io.github.blip2j.internal.decoding;

/** The best few of many offers, each a beam, a token and a score; of equals, the first offered. */
final class TopCandidates {
  private final double[] ranks;
  private final int[] beams;
  private final int[] tokens;
  private final float[] scores;
  private int count;

  TopCandidates(int most) {
    ranks = new double[most];
    beams = new int[most];
    tokens = new int[most];
    scores = new float[most];
  }

  /** Receives what was kept. */
  interface Sink {
    void accept(int beam, int token, float score);
  }

  /** Keeps the offer if it ranks above the worst that is kept; insertion, since few offers do. */
  void offer(double rank, int beam, int token, float score) {
    if (count == ranks.length && !(rank > ranks[count - 1])) {
      return;
    }
    int at = count < ranks.length ? count++ : count - 1;
    while (at > 0 && rank > ranks[at - 1]) {
      ranks[at] = ranks[at - 1];
      beams[at] = beams[at - 1];
      tokens[at] = tokens[at - 1];
      scores[at] = scores[at - 1];
      at--;
    }
    ranks[at] = rank;
    beams[at] = beam;
    tokens[at] = token;
    scores[at] = score;
  }

  void bestFirst(Sink sink) {
    for (int i = 0; i < count; i++) {
      sink.accept(beams[i], tokens[i], scores[i]);
    }
  }
}
