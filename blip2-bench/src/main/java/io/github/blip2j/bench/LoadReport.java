package io.github.blip2j.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What a load measured.
 *
 * @param captions that were written
 * @param nanos that all took together
 * @param refused calls that were refused and made again
 */
record LoadReport(List<Caption> captions, long nanos, int refused) {
  private static final double NANOS = 1e9;

  LoadReport {
    captions = List.copyOf(captions);
  }

  /**
   * One caption's times from the call on.
   *
   * @param first nanoseconds to its first token
   * @param last nanoseconds to its last
   */
  record Caption(long first, long last) {}

  double captionsAMinute() {
    return captions.size() * 60 * NANOS / nanos;
  }

  /** The least of times that so many percent do not exceed, in seconds. */
  double percentile(ToLongFunction<Caption> time, int percent) {
    long[] sorted = captions.stream().mapToLong(time).sorted().toArray();
    int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
    return sorted[Math.max(0, rank - 1)] / NANOS;
  }

  /** As a line that peers/load.py reads. */
  String line(int callers, int rows) {
    return String.format(
        Locale.ROOT,
        "%.2f captions a minute: %d callers, %d rows, %d captions in %.1f s; first token p50 %.2f,"
            + " p95 %.2f s; last token p50 %.2f, p95 %.2f s; %d refused",
        captionsAMinute(),
        callers,
        rows,
        captions.size(),
        nanos / NANOS,
        percentile(Caption::first, 50),
        percentile(Caption::first, 95),
        percentile(Caption::last, 50),
        percentile(Caption::last, 95),
        refused);
  }
}
