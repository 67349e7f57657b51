package io.github.blip2j.internal.family.t5;

/** Kinds of encoder and decoder, with what Transformers takes where nothing is said. */
enum T5Kind {
  /** T5 and Flan-T5. */
  T5("t5", 32_128, 6, 8, 2048, "relu"),

  /**
   * mT5 (Xue et al. 2021) and mT0, for a hundred languages: gated, with a head of its own, in front
   * of which nothing is scaled.
   */
  MT5("mt5", 250_112, 8, 6, 1024, "gated-gelu");

  private final String modelType;
  private final int vocabulary;
  private final int layers;
  private final int heads;
  private final int feedForwardSize;
  private final String feedForward;

  T5Kind(
      String modelType,
      int vocabulary,
      int layers,
      int heads,
      int feedForwardSize,
      String feedForward) {
    this.modelType = modelType;
    this.vocabulary = vocabulary;
    this.layers = layers;
    this.heads = heads;
    this.feedForwardSize = feedForwardSize;
    this.feedForward = feedForward;
  }

  String modelType() {
    return modelType;
  }

  int vocabulary() {
    return vocabulary;
  }

  int layers() {
    return layers;
  }

  int heads() {
    return heads;
  }

  int feedForwardSize() {
    return feedForwardSize;
  }

  String feedForward() {
    return feedForward;
  }
}
