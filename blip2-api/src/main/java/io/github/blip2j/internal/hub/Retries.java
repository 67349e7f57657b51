package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often and when something is tried again: five times, after a second, two, four, eight and
 * eight, or as long as the server asks for. What makes progress has five tries again.
 */
final class Retries {
  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
  private static final int MOST = 5;
  private static final long LONGEST_SECONDS = 8;

  /** The Hub's limits count five minutes; more is no answer to wait for. */
  private static final long LONGEST_ASKED_SECONDS = 600;

  private final Pause pause;
  private int failures;

  /** A wait between two tries. */
  interface Pause {
    /** Real time. */
    Pause SLEEP = seconds -> Thread.sleep(seconds * 1000);

    void seconds(long seconds) throws InterruptedException;
  }

  Retries(Pause pause) {
    this.pause = pause;
  }

  /** Something has been had since the last failure. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next try.
   *
   * @throws DownloadException if there shall be none
   */
  void failed(HubProblem problem) {
    failures++;
    String message = problem.error().getMessage();
    if (!problem.temporary() || problem.waitSeconds() > LONGEST_ASKED_SECONDS) {
      throw problem.error();
    }
    if (failures > MOST) {
      throw new DownloadException(
          String.format(
              Locale.ROOT, "%s; gave up after %d tries, please try again later", message, failures),
          problem.error());
    }
    long usual = Math.min(1L << (failures - 1), LONGEST_SECONDS);
    LOG.debug("try {} failed: {}", failures, message);
    rest(Math.max(usual, problem.waitSeconds()));
  }

  private void rest(long seconds) {
    try {
      pause.seconds(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DownloadException("the download was interrupted", e);
    }
  }
}
