package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request without a network, whose client leaves after a number of writes. */
final class FakeCall implements Call {
  final Map<String, String> headers = new LinkedHashMap<>();
  final Map<String, String> added = new LinkedHashMap<>();
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final String body;
  int writesLeft = Integer.MAX_VALUE;
  int writes;
  Runnable atWrite = () -> {};
  boolean ended;
  @Nullable Reply reply;
  private int status;

  FakeCall(String body) {
    this.body = body;
    headers.put("Host", "localhost");
    headers.put("Content-Type", "application/json");
  }

  FakeCall header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** What has been streamed. */
  String streamed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String method() {
    return headers.getOrDefault(":method", "POST");
  }

  @Override
  public String path() {
    return headers.getOrDefault(":path", "/");
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  @Override
  public String client() {
    return "127.0.0.1";
  }

  @Override
  public byte[] body() {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void add(String name, String value) {
    added.put(name, value);
  }

  @Override
  public void reply(Reply answer) {
    if (writesLeft == 0) {
      throw new ClientGone("on purpose", null);
    }
    reply = answer;
    status = answer.status();
  }

  @Override
  public OutputStream stream(String type) {
    status = 200;
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        writes++;
        atWrite.run();
        if (writes > writesLeft) {
          throw new IOException("broken on purpose");
        }
        out.write(bytes, from, length);
      }

      @Override
      public void close() {
        ended = true;
      }
    };
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public long sent() {
    return out.size();
  }
}
