package io.github.blip2j.server;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.server.http.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the library throws, as answers. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /**
   * The answer. What is not the asker's doing is logged and told in general words, since it may
   * hold what is none of theirs.
   */
  static Refusal refusal(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof UnreadableImageException) {
      return new Refusal(400, "invalid_image", "image", message);
    }
    if (e instanceof OverloadedException) { // of a model that shares its steps among fewer texts
      return new Refusal(429, "queue_full", null, message).retryAfter(1);
    }
    if (e instanceof CheckpointException) { // of a model that is loaded: a task that it has not
      return new Refusal(400, "unsupported_task", null, message);
    }
    if (e instanceof IllegalArgumentException) {
      return new Refusal(400, "invalid_value", null, message);
    }
    if (Thread.currentThread().isInterrupted()) {
      return Admission.stopping();
    }
    LOG.error("a request failed", e);
    return new Refusal(
            500, "inference_failed", null, "the model failed; the server's log has the reason")
        .with("x-should-retry", "false");
  }
}
