package io.github.blip2j.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a process held at each second, as a table, as a drawing, and as a verdict. */
public final class MemoryChart {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 300;
  private static final double WARM_UP = 0.2; // of the time

  private final List<Sample> samples = new ArrayList<>();

  private record Sample(double seconds, long resident, long jobs) {}

  public void add(double seconds, long resident, long jobs) {
    samples.add(new Sample(seconds, resident, jobs));
  }

  /**
   * How much more the process held in the last fifth of the time than in the first one after
   * warm-up: 0.03 is three per cent more.
   */
  public double growth() {
    return mean(0.8, 1) / mean(WARM_UP, 2 * WARM_UP) - 1;
  }

  /** Mean of a part of the time, in bytes. */
  public double mean(double from, double to) {
    int first = (int) (from * samples.size());
    int last = Math.max(first + 1, (int) (to * samples.size()));
    return samples.subList(first, Math.min(last, samples.size())).stream()
        .mapToLong(Sample::resident)
        .average()
        .orElse(Double.NaN);
  }

  public void write(Path table, Path drawing) throws IOException {
    StringBuilder rows = new StringBuilder("seconds,resident_bytes,jobs\n");
    StringBuilder points = new StringBuilder();
    long most = samples.stream().mapToLong(Sample::resident).max().orElse(1);
    double last = samples.isEmpty() ? 1 : samples.get(samples.size() - 1).seconds();
    for (Sample s : samples) {
      rows.append(format("%.1f,%d,%d%n", s.seconds(), s.resident(), s.jobs()));
      double y = HEIGHT * (1 - (double) s.resident() / most);
      points.append(format("%.1f,%.1f ", WIDTH * s.seconds() / last, y));
    }
    Files.writeString(table, rows);
    Files.writeString(
        drawing,
        format(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -30 %d %d" font-family="sans-serif">
            <text y="-10">resident memory, 0 to %.0f MB, over %.0f s</text>
            <path d="M0 0V%d H%d" stroke="gray" fill="none"/>
            <polyline points="%s" stroke="black" fill="none"/>
            </svg>
            """,
            WIDTH + 20, HEIGHT + 40, most / 1e6, last, HEIGHT, WIDTH, points));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
