package io.github.blip2j.bench.serving;

/** Answers that are no fault though they are not what was wanted. */
final class Refusals {
  /** The server has as many requests as it takes: come again. */
  static final String FULL = "full";

  /** The server is being stopped. */
  static final String STOPPING = "stopping";

  /** Nothing came. */
  static final String NOTHING = "nothing";

  private Refusals() {}

  /** One of the words above, or what is wrong. */
  static String of(Answer answer) {
    boolean again = answer.headers().contains("\r\nretry-after: ");
    if (answer.status() == 429 && answer.code().equals("queue_full") && again) {
      return FULL;
    }
    if (answer.status() == 503 && answer.code().equals("queue_timeout") && again) {
      return FULL;
    }
    if (answer.status() == 503 && answer.code().equals("stopping")) {
      return STOPPING;
    }
    return answer.status() == 0 && answer.body().isEmpty() ? NOTHING : "found " + answer.shown();
  }
}
