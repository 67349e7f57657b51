package io.github.blip2j.server;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/** Counts in Prometheus' text format, version 0.0.4. Safe for many threads. */
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Upper bounds of the histogram's buckets, in seconds. */
  private static final double[] BOUNDS = {0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300};

  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "DELETE", "OPTIONS");

  private final SortedMap<String, Long> requests = new TreeMap<>();
  private final SortedMap<String, Times> times = new TreeMap<>();
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final SortedMap<String, Gauge> gauges = new TreeMap<>();

  private record Gauge(String help, String type, DoubleSupplier value) {}

  /** How long the requests of a route took. */
  private static final class Times {
    private final long[] buckets = new long[BOUNDS.length + 1];
    private double sum;

    void add(double seconds) {
      int at = Arrays.binarySearch(BOUNDS, seconds);
      buckets[at < 0 ? -at - 1 : at]++;
      sum += seconds;
    }
  }

  /** A number that is asked for when it is read. */
  synchronized void gauge(String name, String help, DoubleSupplier value) {
    gauges.put(name, new Gauge(help, "gauge", value));
  }

  /** A count that something else keeps. */
  synchronized void counter(String name, String help, DoubleSupplier value) {
    gauges.put(name, new Gauge(help, "counter", value));
  }

  /** Counts a request; its route is a path with a hole, so that there are few. */
  synchronized void answered(String method, String route, int status, Duration took) {
    String known = METHODS.contains(method) ? method : "other";
    String labels =
        String.format(
            Locale.ROOT, "method=\"%s\",route=\"%s\",status=\"%d\"", known, route, status);
    requests.merge(labels, 1L, Long::sum);
    times.computeIfAbsent(route, r -> new Times()).add(took.toNanos() / 1e9);
  }

  /** Counts tokens, images and the like. */
  synchronized void add(Count count, long number) {
    counts.merge(count.metric, number, Long::sum);
  }

  /** What is counted beside requests. */
  enum Count {
    /** Tokens that were written. */
    TOKENS("blip2_generated_tokens_total", "Tokens that the model wrote."),
    /** Texts that ended because nobody waited any more. */
    CANCELLED("blip2_cancelled_texts_total", "Texts that ended because their client left."),
    /** Turns that found the KV cache of the turns before. */
    CONTINUED("blip2_continued_conversations_total", "Turns that went on from a kept KV cache.");

    private final String metric;
    private final String help;

    Count(String metric, String help) {
      this.metric = metric;
      this.help = help;
    }
  }

  /** All of it as text. */
  synchronized String text() {
    StringBuilder text = new StringBuilder();
    head(text, "blip2_http_requests_total", "Requests that were answered.", "counter");
    requests.forEach((labels, n) -> line(text, "blip2_http_requests_total{" + labels + "}", n));
    head(text, "blip2_http_request_seconds", "Time to answer.", "histogram");
    times.forEach((route, t) -> histogram(text, route, t));
    for (Count count : Count.values()) {
      head(text, count.metric, count.help, "counter");
      line(text, count.metric, counts.getOrDefault(count.metric, 0L));
    }
    gauges.forEach(
        (name, gauge) -> {
          head(text, name, gauge.help(), gauge.type());
          line(text, name, gauge.value().getAsDouble());
        });
    return text.toString();
  }

  private static void histogram(StringBuilder text, String route, Times times) {
    String name = "blip2_http_request_seconds";
    long below = 0;
    for (int i = 0; i < times.buckets.length; i++) {
      below += times.buckets[i];
      String bound = i < BOUNDS.length ? Double.toString(BOUNDS[i]) : "+Inf";
      line(text, name + "_bucket{route=\"" + route + "\",le=\"" + bound + "\"}", below);
    }
    line(text, name + "_sum{route=\"" + route + "\"}", times.sum);
    line(text, name + "_count{route=\"" + route + "\"}", below);
  }

  private static void head(StringBuilder text, String name, String help, String type) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder text, String name, double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    text.append(name)
        .append(' ')
        .append(whole ? Long.toString((long) value) : Double.toString(value));
    text.append('\n');
  }
}
