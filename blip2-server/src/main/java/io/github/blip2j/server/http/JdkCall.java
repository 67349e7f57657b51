package io.github.blip2j.server.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;

/** A request to the JDK's server. */
final class JdkCall implements Call {
  /** Of a body that is refused, so many times the longest that is accepted are read. */
  private static final long DRAINED = 4;

  private final HttpExchange exchange;
  private final Transport transport;
  private final Watchdog watchdog;
  private int status;
  private long sent;
  private boolean ended;

  JdkCall(HttpExchange exchange, Transport transport, Watchdog watchdog) {
    this.exchange = exchange;
    this.transport = transport;
    this.watchdog = watchdog;
  }

  @Override
  public String method() {
    return exchange.getRequestMethod().toUpperCase(Locale.ROOT);
  }

  @Override
  public String path() {
    String path = exchange.getRequestURI().getRawPath();
    return path == null ? "" : path;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  @Override
  public String client() {
    return exchange.getRemoteAddress().getAddress().getHostAddress();
  }

  @Override
  public byte[] body() {
    int most = transport.maxBodyBytes();
    long stated = header("Content-Length").map(Long::parseLong).orElse(-1L);
    if (stated > most) {
      throw tooLong(Long.toString(stated));
    }
    try (Watchdog.Watch watch = watchdog.watch(transport.body())) {
      byte[] body;
      try {
        body = exchange.getRequestBody().readNBytes(most + 1);
      } catch (IOException e) {
        if (watch.fired()) {
          throw new ClientGone("the body took longer than " + transport.body(), e);
        }
        throw new Refusal(
            400,
            "incomplete_body",
            null,
            "the body must have the length that its headers state, but it ended before");
      }
      if (body.length > most) {
        throw tooLong("more than " + most);
      }
      return body;
    }
  }

  private Refusal tooLong(String found) {
    return new Refusal(
        413,
        "body_too_large",
        null,
        "the body (" + found + " bytes) must be at most " + transport.maxBodyBytes() + " bytes");
  }

  @Override
  public void add(String name, String value) {
    exchange.getResponseHeaders().add(name, value);
  }

  @Override
  @SuppressWarnings("try") // the watch is there to be closed
  public void reply(Reply reply) {
    try (Watchdog.Watch watch = watchdog.watch(transport.body())) {
      if (!drained()) {
        exchange.getResponseHeaders().set("Connection", "close");
      }
    } catch (IOException e) {
      exchange.getResponseHeaders().set("Connection", "close"); // half closed: it may still read
    }
    boolean head = method().equals("HEAD");
    byte[] body = reply.body();
    try (Watchdog.Watch watch = watchdog.watch(transport.write())) {
      if (body.length > 0) {
        exchange.getResponseHeaders().set("Content-Type", reply.type());
      }
      status = reply.status();
      exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
      if (!head && body.length > 0) {
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().close();
        sent = body.length;
      }
      ended = true;
    } catch (IOException e) {
      throw new ClientGone("the answer could not be sent", e);
    }
  }

  /** Whether the whole body has been read. */
  private boolean drained() throws IOException {
    InputStream in = exchange.getRequestBody();
    byte[] lost = new byte[1 << 13];
    long left = DRAINED * transport.maxBodyBytes();
    while (left > 0) {
      int read = in.read(lost);
      if (read < 0) {
        return true;
      }
      left -= read;
    }
    return false;
  }

  @Override
  public OutputStream stream(String type) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    status = 200;
    exchange.sendResponseHeaders(status, 0);
    return new Watched(exchange.getResponseBody());
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public long sent() {
    return sent;
  }

  /** Whether the answer has been sent to its end. */
  boolean ended() {
    return ended;
  }

  /** An answer whose writes are watched. */
  private final class Watched extends FilterOutputStream {
    Watched(OutputStream out) {
      super(out);
    }

    @Override
    @SuppressWarnings("try") // the watch is there to be closed
    public void write(byte[] bytes, int from, int length) throws IOException {
      try (Watchdog.Watch watch = watchdog.watch(transport.write())) {
        out.write(bytes, from, length);
        out.flush();
        sent += length;
      }
    }

    @Override
    @SuppressWarnings("try") // the watch is there to be closed
    public void close() throws IOException {
      try (Watchdog.Watch watch = watchdog.watch(transport.write())) {
        out.close();
        ended = true;
      }
    }
  }
}
