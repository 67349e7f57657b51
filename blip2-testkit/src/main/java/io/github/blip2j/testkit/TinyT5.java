package io.github.blip2j.testkit;

/** Token ids of the {@code tiny-t5} checkpoints, which their files say too. */
final class TinyT5 {
  /** The token that ends a prompt, and a text. */
  static final int END = 1;

  private TinyT5() {}
}
