package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Reply;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request that comes over no network; its answer stays in memory. For one thread. */
final class InnerCall implements Call {
  private static final String ADDRESS = "127.0.0.1";

  private final String method;
  private final String path;
  private final Map<String, String> headers;
  private final byte[] body;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private int status;

  /**
   * Makes one.
   *
   * @param type of the body
   */
  InnerCall(String method, String path, String type, byte[] body) {
    this.method = method;
    this.path = path;
    this.headers = Map.of("host", ADDRESS, "content-type", type);
    this.body = body;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  @Override
  public String client() {
    return ADDRESS;
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public void add(String name, String value) {} // nobody reads the headers

  @Override
  public void reply(Reply reply) {
    status = reply.status();
    answer.writeBytes(reply.body());
  }

  @Override
  public OutputStream stream(String type) {
    status = 200;
    return answer;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public long sent() {
    return answer.size();
  }

  /** The answer's body so far. */
  byte[] answer() {
    return answer.toByteArray();
  }
}
