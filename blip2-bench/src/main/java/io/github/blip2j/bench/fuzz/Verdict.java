package io.github.blip2j.bench.fuzz;

import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.search.IndexException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * How an attempt ended.
 *
 * @param kind what to make of it
 * @param says of a fault: what went wrong, the same for the same fault
 */
record Verdict(Kind kind, String says) {
  /** Processor time of a case, in nanoseconds, above which it is a fault. */
  static final long MOST_NANOSECONDS = 2_000_000_000L;

  private static final String OURS = "io.github.blip2j.";
  private static final String CAMPAIGN = OURS + "bench.";
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  enum Kind {
    ACCEPTED,
    REFUSED,
    FAULT
  }

  /** Tries a file. Every error is a verdict, those of the JVM too: that is what is looked for. */
  static Verdict of(FuzzTarget target, Sample sample, byte[] bytes) throws IOException {
    long start = THREADS.getCurrentThreadCpuTime();
    Verdict verdict;
    try {
      String found = target.attempt(sample, bytes);
      String expected = target.expected(sample);
      boolean same = expected.isEmpty() || expected.equals(found);
      verdict =
          same
              ? new Verdict(Kind.ACCEPTED, "")
              : new Verdict(Kind.FAULT, "accepted, but means something else");
    } catch (Blip2Exception | IndexException refused) {
      verdict =
          String.valueOf(refused.getMessage()).isBlank()
              ? new Verdict(Kind.FAULT, "refused without a message: " + signature(refused))
              : new Verdict(Kind.REFUSED, "");
    } catch (RuntimeException | Error fault) {
      verdict = new Verdict(Kind.FAULT, signature(fault));
    }
    boolean slow = THREADS.getCurrentThreadCpuTime() - start > MOST_NANOSECONDS;
    return slow && verdict.kind() != Kind.FAULT
        ? new Verdict(Kind.FAULT, "slow: over two seconds of a processor, " + verdict.kind())
        : verdict;
  }

  /** Type and place of an exception: its first frame, and the first of this library. */
  private static String signature(Throwable fault) {
    StringBuilder says = new StringBuilder(fault.getClass().getName());
    StackTraceElement[] frames = fault.getStackTrace();
    if (frames.length > 0) {
      says.append(" at ").append(frames[0]);
    }
    for (StackTraceElement frame : frames) {
      String name = frame.getClassName();
      if (name.startsWith(OURS) && !name.startsWith(CAMPAIGN)) {
        return says.append(" in ").append(frame).toString();
      }
    }
    return says.toString();
  }
}
