package io.github.blip2j.bench.soak;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that do jobs, each at random, and compare every answer with the one known. */
final class Soak {
  private static final int MOST_FAULTS = 100;

  private final List<Job> jobs;
  private final List<String> answers;
  private final AtomicLong done = new AtomicLong();
  private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
  private volatile boolean over;

  private Soak(List<Job> jobs, List<String> answers) {
    this.jobs = jobs;
    this.answers = answers;
  }

  /** Does every job once, in this thread alone: its answers are the right ones. */
  static Soak of(List<Job> jobs) throws Exception {
    List<String> answers = new ArrayList<>();
    for (Job job : jobs) {
      answers.add(job.work().run());
    }
    return new Soak(jobs, answers);
  }

  /** Starts threads that work until {@link #end}. */
  List<Thread> start(int count, long seed) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      Thread thread = new Thread(() -> work(random), "soak-" + i);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  private void work(SplittableRandom random) {
    while (!over && faults.size() < MOST_FAULTS) {
      int number = random.nextInt(jobs.size());
      Job job = jobs.get(number);
      try {
        String answer = job.work().run();
        if (!answer.equals(answers.get(number))) {
          faults.add(job.name() + ": expected " + answers.get(number) + ", found " + answer);
        }
      } catch (Exception | Error e) { // whatever it is, it is a finding
        StackTraceElement[] frames = e.getStackTrace();
        faults.add(job.name() + ": " + e + (frames.length == 0 ? "" : " at " + frames[0]));
      }
      done.incrementAndGet();
    }
  }

  void end() {
    over = true;
  }

  long done() {
    return done.get();
  }

  /** Wrong answers and exceptions so far, the first hundred. */
  List<String> faults() {
    synchronized (faults) {
      return List.copyOf(faults);
    }
  }
}
