package io.github.blip2j.server;

import java.time.Duration;

/**
 * How long things may take; each above 0.
 *
 * @param read of a request: its headers, and again its body
 * @param write of a piece of an answer, while the client takes nothing
 * @param queue of waiting for the model
 * @param text of writing a text; it ends there with the finish reason {@code deadline}
 * @param heartbeat between signs of life on a stream while no token comes
 * @param stop of waiting, when the server stops, for what has begun
 */
public record ServerTimeouts(
    Duration read,
    Duration write,
    Duration queue,
    Duration text,
    Duration heartbeat,
    Duration stop) {
  /** Checks the values. */
  public ServerTimeouts {
    require("read", read);
    require("write", write);
    require("queue", queue);
    require("text", text);
    require("heartbeat", heartbeat);
    require("stop", stop);
  }

  private static void require(String name, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " (" + value + ") must be above 0");
    }
  }

  /**
   * Half a minute to read, to write, to wait and to stop, five minutes a text, a heartbeat every
   * two seconds.
   *
   * @return the defaults
   */
  public static ServerTimeouts defaults() {
    Duration half = Duration.ofSeconds(30);
    return new ServerTimeouts(half, half, half, Duration.ofMinutes(5), Duration.ofSeconds(2), half);
  }

  /**
   * The same with another time to read.
   *
   * @param time of a request's headers, and again its body
   * @return changed times
   */
  public ServerTimeouts withRead(Duration time) {
    return new ServerTimeouts(time, write, queue, text, heartbeat, stop);
  }

  /**
   * The same with another time to write.
   *
   * @param time of a piece of an answer, while the client takes nothing
   * @return changed times
   */
  public ServerTimeouts withWrite(Duration time) {
    return new ServerTimeouts(read, time, queue, text, heartbeat, stop);
  }

  /**
   * The same with another time to wait for the model.
   *
   * @param time of waiting
   * @return changed times
   */
  public ServerTimeouts withQueue(Duration time) {
    return new ServerTimeouts(read, write, time, text, heartbeat, stop);
  }

  /**
   * The same with another time for a text.
   *
   * @param time of writing a text
   * @return changed times
   */
  public ServerTimeouts withText(Duration time) {
    return new ServerTimeouts(read, write, queue, time, heartbeat, stop);
  }

  /**
   * The same with another heartbeat.
   *
   * @param time between signs of life
   * @return changed times
   */
  public ServerTimeouts withHeartbeat(Duration time) {
    return new ServerTimeouts(read, write, queue, text, time, stop);
  }

  /**
   * The same with another time to stop.
   *
   * @param time of waiting for what has begun
   * @return changed times
   */
  public ServerTimeouts withStop(Duration time) {
    return new ServerTimeouts(read, write, queue, text, heartbeat, time);
  }
}
