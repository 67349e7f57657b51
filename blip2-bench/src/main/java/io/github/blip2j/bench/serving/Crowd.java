package io.github.blip2j.bench.serving;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that visit a server one time after the other, each at random, until they are told. */
final class Crowd {
  private static final int MOST_FAULTS = 100;
  private static final long PAUSE_MILLIS = 20; // of a client for whom there was no room

  private final InetSocketAddress server;
  private final List<Visit> visits;
  private final double leaving;
  private final double rubbish;
  private final Map<Visit.Kind, AtomicLong> done = new EnumMap<>(Visit.Kind.class);
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;
  private volatile boolean over;
  private volatile int most = Integer.MAX_VALUE;

  /**
   * A crowd at the door.
   *
   * @param leaving part of the visits that leave early, 0 to 1
   * @param rubbish part of the visits that send rubbish
   */
  Crowd(InetSocketAddress server, List<Visit> visits, double leaving, double rubbish) {
    this.server = server;
    this.visits = visits;
    this.leaving = leaving;
    this.rubbish = rubbish;
    for (Visit.Kind kind : Visit.Kind.values()) {
      done.put(kind, new AtomicLong());
    }
  }

  void start(int clients, long seed) {
    for (int i = 0; i < clients; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      int number = i;
      Thread thread = new Thread(() -> come(number, random), "serve-load-" + i);
      thread.start();
      threads.add(thread);
    }
  }

  private void come(int number, SplittableRandom random) {
    while (!over && number < most && faults.size() < MOST_FAULTS) {
      double chance = random.nextDouble();
      Visit.Kind kind =
          chance < rubbish
              ? Visit.Kind.RUBBISH
              : chance < rubbish + leaving ? Visit.Kind.LEAVING : Visit.Kind.SINCERE;
      List<Visit> of = visits.stream().filter(v -> v.kind() == kind).toList();
      visit(of.get(random.nextInt(of.size())));
    }
  }

  private void visit(Visit visit) {
    String wrong;
    try {
      wrong = visit.work().run(server);
    } catch (IOException e) { // no connection
      wrong = stopping ? Refusals.NOTHING : e.toString();
    } catch (RuntimeException | Error e) { // whatever it is, it is a finding
      wrong = e.toString();
    }
    judge(visit, wrong);
  }

  private AtomicLong count(Visit.Kind kind) {
    return Objects.requireNonNull(done.get(kind), "every kind is counted");
  }

  private void judge(Visit visit, String wrong) {
    boolean gone = wrong.endsWith(Refusals.STOPPING) || wrong.endsWith(Refusals.NOTHING);
    if (wrong.isEmpty()) {
      count(visit.kind()).incrementAndGet();
    } else if (wrong.endsWith(Refusals.FULL)) {
      full.incrementAndGet();
      pause();
    } else if (stopping && gone) {
      turnedAway.incrementAndGet();
      pause();
    } else {
      faults.add(visit.name() + ": " + wrong);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends home all but some, and waits for those: there is room then. */
  void thin(int stay) throws InterruptedException {
    most = stay;
    for (Thread thread : threads.subList(Math.min(stay, threads.size()), threads.size())) {
      thread.join();
    }
  }

  /** From now on the server may turn clients away. */
  void serverStops() {
    stopping = true;
  }

  /** Sends all home and waits for them. */
  void end() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  long done(Visit.Kind kind) {
    return count(kind).get();
  }

  /** Visits for which there was no room. */
  long full() {
    return full.get();
  }

  /** Visits that came when the server stopped. */
  long turnedAway() {
    return turnedAway.get();
  }

  long all() {
    return done.values().stream().mapToLong(AtomicLong::get).sum() + full();
  }

  /** What was wrong, the first hundred. */
  List<String> faults() {
    synchronized (faults) {
      return List.copyOf(faults);
    }
  }
}
