package io.github.blip2j.internal.decoding;

import java.util.concurrent.TimeUnit;

/** Waiting at a monitor as long as a call's patience lasts. */
final class Waiting {
  /** After so long a call looks whether it has been cancelled, which wakes nobody. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private boolean interrupted;

  /**
   * Waits for a notification, or a while. The caller holds the monitor, and looks again whatever
   * this returns for.
   *
   * @param nanos to wait at most
   */
  void at(Object monitor, Patience patience, long nanos) {
    long most = Math.min(nanos, patience == Patience.ENDLESS ? nanos : LOOK_NANOS);
    long turn = Math.max(1, Math.min(most, patience.left()));
    try {
      TimeUnit.NANOSECONDS.timedWait(monitor, turn);
    } catch (InterruptedException e) {
      interrupted = true;
      if (patience != Patience.ENDLESS) {
        keepInterrupt(); // so that the patience sees it
      }
    }
  }

  /** As the waiting ends: an interrupt that came meanwhile is the thread's again. */
  void keepInterrupt() {
    if (interrupted) {
      interrupted = false;
      Thread.currentThread().interrupt();
    }
  }
}
