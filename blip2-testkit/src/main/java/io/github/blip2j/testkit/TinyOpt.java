package io.github.blip2j.testkit;

/** Token ids and sizes of the {@code tiny-opt} checkpoints, which their files say too. */
public final class TinyOpt {
  /** Tokens that it knows. */
  public static final int VOCABULARY = 448;

  /** Most positions of a sequence. */
  public static final int POSITIONS = 160;

  /** Positions that an image takes in front of a prompt. */
  public static final int QUERIES = 6;

  /** Width of the Q-Former. */
  public static final int QFORMER_WIDTH = 32;

  /** Width of the language model. */
  public static final int WIDTH = 40;

  /** The token that a text begins with. */
  public static final int START = 2;

  /** The token that fills rows. */
  public static final int PAD = 1;

  /** The token that ends a text. */
  public static final int END = 202;

  /** The token that stands for an image. */
  public static final int IMAGE = 400;

  private TinyOpt() {}
}
