package io.github.blip2j.core;

/**
 * More texts were asked for at once than a model with {@code Blip2Builder.concurrency} works on and
 * lets wait. Nothing was begun: the same call can be made again.
 */
public final class OverloadedException extends Blip2Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message how many there may be
   */
  public OverloadedException(String message) {
    super(message, null);
  }
}
