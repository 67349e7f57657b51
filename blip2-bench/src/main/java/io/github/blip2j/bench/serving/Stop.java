package io.github.blip2j.bench.serving;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Stops a server that has a crowd at its door, and some clients in the midst of their requests. */
final class Stop {
  private static final int HELD = 4;
  private static final int STAY = 12; // of the crowd: all have room beside those that are held
  private static final long BEGIN_MILLIS = 250; // until the server has read what was sent

  private final InetSocketAddress server;
  private final Runnable close;
  private final Crowd crowd;
  private final List<String> faults = new ArrayList<>();
  private int answered;

  private Stop(InetSocketAddress server, Runnable close, Crowd crowd) {
    this.server = server;
    this.close = close;
    this.crowd = crowd;
  }

  /**
   * Stops it; all are home then.
   *
   * @param close stops the server and waits until it has stopped
   * @param image what some ask about
   * @param caption what the server must say of it
   */
  static Stop of(
      InetSocketAddress server, Runnable close, Crowd crowd, byte[] image, String caption)
      throws IOException, InterruptedException {
    Stop stop = new Stop(server, close, crowd);
    crowd.thin(STAY);
    List<HeldVisit> held = new ArrayList<>();
    for (int i = 0; i < HELD; i++) {
      held.add(HeldVisit.begin(server, image, caption));
    }
    Thread.sleep(BEGIN_MILLIS);
    stop.run(held);
    return stop;
  }

  private void run(List<HeldVisit> held) throws IOException, InterruptedException {
    crowd.serverStops();
    Thread closing = new Thread(close, "serve-load-stop");
    closing.start();
    while (welcomes(server)) {
      Thread.sleep(1);
    }
    for (HeldVisit visit : held) {
      try (visit) {
        judge(visit.finish());
      }
    }
    if (answered == 0) {
      faults.add("stop: none of " + HELD + " requests that had begun was answered");
    }
    closing.join();
    crowd.end();
  }

  private void judge(String wrong) {
    if (wrong.isEmpty()) {
      answered++;
    } else if (!wrong.equals(Refusals.FULL) && !wrong.equals(Refusals.STOPPING)) {
      faults.add("stop: a request that had begun: " + wrong); // else it had not begun
    }
  }

  private static boolean welcomes(InetSocketAddress server) {
    try (Wire wire = new Wire(server)) {
      return wire.send(Wire.request("GET", "/health", "", new byte[0])).answer().status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Requests that had begun and were answered. */
  int answered() {
    return answered;
  }

  List<String> faults() {
    return faults;
  }
}
