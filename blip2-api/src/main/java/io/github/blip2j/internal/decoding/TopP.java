package io.github.blip2j.internal.decoding;

/**
 * {@code TopPLogitsWarper}: a token goes if the better ones together have the probability p; the
 * likeliest stays even where p is 0. Keeps the weights of what is left, from which a token can be
 * drawn. For one thread.
 */
final class TopP implements LogitsProcessor {
  private final double p;
  private final int keep;
  private final Softmax softmax = new Softmax();

  /**
   * Makes one.
   *
   * @param keep tokens at least
   */
  TopP(double p, int keep) {
    this.p = p;
    this.keep = keep;
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    double mass = Math.max(p, Double.MIN_NORMAL) * softmax.of(scores).sum();
    // All tokens with less than their even share of what may be lost cannot make up for it.
    double least = 0.999 * (softmax.sum() - mass) / scores.length;
    float last = Largest.holding(scores, softmax.weights(), mass, least, softmax.order());
    float kept = keep == 1 ? softmax.largest() : Largest.kth(scores, keep);
    softmax.dropBelow(scores, Math.min(last, kept));
  }

  /** Of the scores that were processed last. */
  Softmax left() {
    return softmax;
  }
}
