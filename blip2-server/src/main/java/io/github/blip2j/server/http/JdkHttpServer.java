package io.github.blip2j.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries requests over the JDK's own server. Safe for many threads. */
public final class JdkHttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JdkHttpServer.class);
  private static final String NO_DELAY = "sun.net.httpserver.nodelay";
  private static final int BACKLOG = 256;

  private final HttpServer server;
  private final Watchdog watchdog = new Watchdog();
  private final Workers workers;
  private final Transport transport;
  private final Service service;

  /**
   * Listens and serves from now on.
   *
   * @throws UncheckedIOException if the address cannot be listened at
   */
  public JdkHttpServer(Transport transport, Service service) {
    noDelay();
    this.transport = transport;
    this.service = service;
    try {
      server = HttpServer.create(transport.address(), BACKLOG);
    } catch (IOException e) {
      watchdog.close();
      throw new UncheckedIOException(
          transport.address() + ": cannot be listened at: " + e.getMessage(), e);
    }
    workers = new Workers(transport, watchdog);
    server.setExecutor(workers);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Without it JDK 17 answers over a kept connection 40 ms late: Nagle's algorithm waits for an
   * acknowledgement that the client delays. Read by the JDK when its first server is made.
   */
  private static void noDelay() {
    if (System.getProperty(NO_DELAY) == null) {
      System.setProperty(NO_DELAY, "true");
    }
  }

  /**
   * Serves a request. An exchange whose answer did not come to its end is not closed: that would
   * put the mark of a whole answer behind a stream that broke off, and leave the connection, with
   * its buffers, in the JDK's list of all until the server stops.
   *
   * @throws IOException if it was not answered to the end, upon which the JDK ends the connection
   */
  private void handle(HttpExchange exchange) throws IOException {
    workers.headersRead();
    JdkCall call = new JdkCall(exchange, transport, watchdog);
    try {
      service.serve(call);
    } catch (RuntimeException | Error e) { // an error would end the thread and keep the connection
      LOG.error("a request was not answered", e);
    }
    if (!call.ended()) {
      throw new IOException("the connection ends before its answer does");
    }
    exchange.close();
  }

  /** Where it listens, with the port that it has. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /**
   * Stops at once: connections are closed, what is under way is interrupted.
   *
   * @throws IllegalStateException if that has not ended after {@link Transport#last}
   */
  @Override
  public void close() {
    server.stop(0);
    try {
      workers.close();
    } finally {
      watchdog.close();
    }
  }
}
