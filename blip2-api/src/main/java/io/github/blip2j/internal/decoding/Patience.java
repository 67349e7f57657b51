package io.github.blip2j.internal.decoding;

/** How long a call is ready to wait for others. Asked in the call's own thread. */
public interface Patience {
  /** Waits however long it takes; an interrupt is kept. */
  Patience ENDLESS =
      new Patience() {
        @Override
        public boolean ends() {
          return false;
        }

        @Override
        public long left() {
          return Long.MAX_VALUE;
        }
      };

  /** Waits until the thread is interrupted. */
  Patience UNTIL_INTERRUPTED =
      new Patience() {
        @Override
        public boolean ends() {
          return Thread.currentThread().isInterrupted();
        }

        @Override
        public long left() {
          return Long.MAX_VALUE;
        }
      };

  /** Whether to wait no longer: cancelled, interrupted, or out of time. */
  boolean ends();

  /** Is told that it waits for a turn from now on, until {@link #waited}. */
  default void waits() {}

  /** Is told how many nanoseconds were waited for a turn. */
  default void waited(long nanos) {}

  /** Nanoseconds until it ends by itself, at most; {@link Long#MAX_VALUE} if it does not. */
  long left();
}
