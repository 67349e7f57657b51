package io.github.blip2j.cli;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far work is that takes a while, as one line of a terminal: share, amount, rate and time left.
 * Shows nothing where standard error is no terminal, nor of work that is soon done. Safe for many
 * threads.
 */
final class ProgressBar implements AutoCloseable {
  private static final int MARGIN = 3; // the line must not wrap, nor the ^C of who ends the work
  private static final int NARROWEST = 16; // no line is shorter for a terminal's sake
  private static final int LONGEST_LABEL = 32;
  private static final int SHORTEST_BAR = 5;
  private static final int LONGEST_BAR = 24;
  private static final long FIRST = 500_000_000; // nanoseconds before anything is shown
  private static final long BETWEEN = 100_000_000; // nanoseconds from one line to the next
  private static final long WINDOW = 15_000_000_000L; // nanoseconds that a rate is taken over

  private final @Nullable TerminalWriter terminal;
  private final LongSupplier nanos;
  private final long began;
  private final Deque<Sample> samples = new ArrayDeque<>(); // of the label now
  private String label = "";
  private long shown;
  private int width; // of the longest line; 0 until one is shown

  /** What is counted. */
  enum Unit {
    BYTES,
    ITEMS
  }

  /** How far it was when. */
  private record Sample(long nanos, long done) {}

  private ProgressBar(PrintWriter err, LongSupplier nanos) {
    this.terminal = err instanceof TerminalWriter found ? found : null;
    this.nanos = nanos;
    this.began = nanos.getAsLong();
    this.shown = began + FIRST - BETWEEN;
  }

  /**
   * A bar that shows nothing yet.
   *
   * @param err where it is shown if that is a {@link TerminalWriter}
   */
  static ProgressBar on(PrintWriter err) {
    return new ProgressBar(err, System::nanoTime);
  }

  /** A bar with a clock of its own, in nanoseconds. */
  static ProgressBar on(PrintWriter err, LongSupplier nanos) {
    return new ProgressBar(err, nanos);
  }

  /**
   * Says how far the work is. Cheap: the line is shown at most ten times a second.
   *
   * @param what is done; another label begins another rate
   * @param done units of it; what was done before the first call counts for no rate
   * @param total units of it, or 0 if nobody knows
   * @param unit that both are in
   */
  synchronized void update(String what, long done, long total, Unit unit) {
    if (terminal == null) {
      return;
    }
    long now = nanos.getAsLong();
    if (!what.equals(label)) {
      label = what;
      samples.clear();
    }
    if (now - shown < BETWEEN) {
      if (samples.isEmpty()) {
        samples.add(new Sample(now, done));
      }
      return;
    }
    if (width == 0) {
      width = Math.max(NARROWEST, terminal.columns() - MARGIN);
    }
    samples.add(new Sample(now, done));
    while (now - samples.getFirst().nanos() > WINDOW && samples.size() > 2) {
      samples.removeFirst();
    }
    shown = now;
    terminal.status(line(done, total, unit, now));
  }

  /** Takes the line away; a later {@link #update} shows it again. */
  @Override
  public synchronized void close() {
    if (terminal != null) {
      terminal.status("");
    }
  }

  /** As much as a line of the terminal has room for: first the bar goes, then what follows. */
  private String line(long done, long total, Unit unit, long now) {
    double rate = rate();
    String share = total > 0 ? "  " + share(done, total) : "";
    String amount = "  " + amount(done, total, unit);
    String speed = rate > 0 ? "  " + rate(rate, unit) : "";
    String time =
        total <= 0
            ? "  " + time((now - began) / 1e9)
            : rate > 0 && done < total ? "  " + time((total - done) / rate) + " left" : "";
    List<String> rests =
        List.of(share + amount + speed + time, share + amount + time, share + time, share);
    String name = shortened(label, Math.min(LONGEST_LABEL, width / 2));
    for (String rest : rests) {
      int room = width - name.length() - rest.length();
      if (room >= 0) {
        int length = Math.min(room - 3, LONGEST_BAR);
        boolean fits = total > 0 && length >= SHORTEST_BAR;
        return name + (fits ? " " + bar(done, total, length) : "") + rest;
      }
    }
    return name;
  }

  /** Its two ends say most: of a path the file. */
  private static String shortened(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int half = (longest - 3) / 2;
    return text.substring(0, half) + "..." + text.substring(text.length() - half);
  }

  private static String bar(long done, long total, int length) {
    int full = (int) Math.min(length, Math.max(0, (long) ((double) done / total * length)));
    String head = full < length ? ">" : "";
    return "[" + "=".repeat(full) + head + " ".repeat(length - full - head.length()) + "]";
  }

  private static String share(long done, long total) {
    return String.format(Locale.ROOT, "%3d %%", Math.min(100, (int) (100.0 * done / total)));
  }

  private static String amount(long done, long total, Unit unit) {
    if (unit == Unit.ITEMS) {
      return total > 0 ? done + "/" + total : Long.toString(done);
    }
    Scale scale = Scale.of(Math.max(done, total));
    String of = total > 0 ? "/" + scale.number(total) : "";
    return scale.number(done) + of + " " + scale.name;
  }

  /** Units a second over the last while; 0 if nothing is known of it. */
  private double rate() {
    Sample first = samples.getFirst();
    Sample last = samples.getLast();
    long spent = last.nanos() - first.nanos();
    return spent <= 0 ? 0 : (last.done() - first.done()) * 1e9 / spent;
  }

  private static String rate(double rate, Unit unit) {
    if (unit == Unit.BYTES) {
      Scale scale = Scale.of((long) rate);
      return scale.number(rate) + " " + scale.name + "/s";
    }
    return rate >= 1
        ? String.format(Locale.ROOT, "%.1f/s", rate)
        : String.format(Locale.ROOT, "%.1f s each", 1 / rate);
  }

  private static String time(double seconds) {
    long whole = (long) Math.ceil(seconds);
    long hours = whole / 3600;
    return hours > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }

  /** Bytes in thousands. */
  private enum Scale {
    GB("GB", 1e9, "%.2f"),
    MB("MB", 1e6, "%.1f"),
    KB("kB", 1e3, "%.0f");

    private final String name;
    private final double bytes;
    private final String format;

    Scale(String name, double bytes, String format) {
      this.name = name;
      this.bytes = bytes;
      this.format = format;
    }

    private static Scale of(long bytes) {
      return bytes >= GB.bytes ? GB : bytes >= MB.bytes ? MB : KB;
    }

    private String number(double amount) {
      return String.format(Locale.ROOT, format, amount / bytes);
    }
  }
}
