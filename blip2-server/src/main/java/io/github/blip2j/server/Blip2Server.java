package io.github.blip2j.server;

import io.github.blip2j.Blip2;
import io.github.blip2j.server.http.JdkHttpServer;
import io.github.blip2j.server.http.Transport;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * A model behind HTTP: a page for people at {@code /}, a JSON API of its own under {@code /api},
 * the one of OpenAI's clients under {@code /v1}, {@code /health}, {@code /metrics} and a
 * description of it all at {@code /openapi.json}. All requests share the one model. Nothing that a
 * request says leads to a file of this machine or to another one: images come in the request
 * itself.
 *
 * <p>A client that closes its connection while an answer is streamed ends the text: within a token,
 * or a heartbeat while the image is being encoded. One that waits for a whole answer is noticed
 * only when that is sent: the JDK's server says nothing before.
 *
 * <p>The JDK's server is told to send small answers at once ({@code
 * sun.net.httpserver.nodelay=true}), unless that property is set; it holds for the whole process.
 *
 * <p>Safe for many threads. The model stays its caller's: close this first.
 */
public final class Blip2Server implements AutoCloseable {
  /** Threads beside those that the model's requests take: for refusals and small answers. */
  private static final int SPARE_THREADS = 32;

  /** For requests to end, once they were interrupted: the engine's step under way goes on. */
  private static final Duration LAST = Duration.ofSeconds(30);

  private final Gate gate;
  private final Services services;
  private final JdkHttpServer server;
  private final ServerOptions options;

  /**
   * Starts.
   *
   * @param last time for requests to end, once they were interrupted
   */
  Blip2Server(Blip2 blip2, List<ServedModel> further, ServerOptions options, Duration last) {
    this.options = options;
    services = new Services(blip2, further, options);
    gate = new Gate(options, services);
    ServerLimits limits = options.limits();
    ServerTimeouts timeouts = options.timeouts();
    try {
      server =
          new JdkHttpServer(
              new Transport(
                  options.address(),
                  limits.concurrency() + limits.queue() + SPARE_THREADS,
                  limits.bodyBytes(),
                  timeouts.read(),
                  timeouts.read(),
                  timeouts.write(),
                  last),
              gate);
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
  }

  /**
   * Starts a server.
   *
   * @param blip2 the model, which must stay open until this is closed
   * @param options how to run
   * @return the running server; the caller closes it
   * @throws java.io.UncheckedIOException if the address cannot be listened at
   */
  public static Blip2Server start(Blip2 blip2, ServerOptions options) {
    return start(blip2, List.of(), options);
  }

  /**
   * Starts a server of several models: of the same in another precision, to be compared, or of one
   * that matches beside one that writes. The JSON API of each further one is under {@code
   * /models/NAME/api}; OpenAI's clients are given the first alone. All share the limits of requests
   * at once and waiting.
   *
   * @param blip2 the model of all routes without a name
   * @param further others, each of another name; all must stay open until this is closed
   * @param options how to run
   * @return the running server; the caller closes it
   * @throws IllegalArgumentException if two have one name
   * @throws java.io.UncheckedIOException if the address cannot be listened at
   */
  public static Blip2Server start(Blip2 blip2, List<ServedModel> further, ServerOptions options) {
    if (further.stream().map(ServedModel::name).distinct().count() < further.size()) {
      throw new IllegalArgumentException(
          "further ("
              + further.stream().map(ServedModel::name).toList()
              + ") must be models of different names");
    }
    return new Blip2Server(blip2, List.copyOf(further), options, LAST);
  }

  /**
   * Has models answer requests about a generated image, PNG and JPEG, to the end of their streams:
   * the first client then does not wait until classes are loaded and code is compiled. For {@link
   * #start} to be called afterwards. Takes one to three seconds with the built-in models, and with
   * others at least the time of two images and four texts of twelve tokens each.
   *
   * <p>A server that is started later counts none of it; of what a model itself counts, such as
   * {@link Blip2#prefixCacheStatistics()}, it is a part.
   *
   * @param blip2 the model
   * @param further those that are served beside it
   * @throws IllegalStateException if one of them does not answer: it would not answer clients
   */
  public static void warmUp(Blip2 blip2, List<ServedModel> further) {
    Rehearsal.of(blip2, further);
  }

  /**
   * Where it listens.
   *
   * @return the address, with the port that it has
   */
  public InetSocketAddress address() {
    return server.address();
  }

  /**
   * What clients on this machine call it.
   *
   * @return such as {@code http://127.0.0.1:8080}, without a slash at its end
   */
  public URI uri() {
    InetSocketAddress at = address();
    boolean any = at.getAddress().isAnyLocalAddress();
    String host = any ? "127.0.0.1" : at.getAddress().getHostAddress();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + at.getPort());
  }

  /**
   * Stops. Requests that have begun, waiting ones too, are answered; new ones are refused with 503.
   * After {@link ServerTimeouts#stop} the rest is cut off: texts end after the token under way.
   * Closing again does nothing.
   *
   * @throws IllegalStateException if a request goes on for half a minute after it was cut off, as
   *     of an access log that waits; the server has stopped, and what it kept is released
   */
  @Override
  public void close() {
    gate.finish(options.timeouts().stop());
    try {
      server.close();
    } finally {
      services.close(); // a conversation that is still being used is closed when it comes back
    }
  }
}
