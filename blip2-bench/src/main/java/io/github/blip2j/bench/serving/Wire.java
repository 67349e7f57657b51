package io.github.blip2j.bench.serving;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection for one request: whole, cut, slow or broken, as its user likes. */
final class Wire implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 120_000;

  private final Socket socket;
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  Wire(InetSocketAddress server) throws IOException {
    socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
  }

  /** The bytes of a request. */
  static byte[] request(String method, String path, String headers, byte[] body) {
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\n"
            + (headers.contains("Host:") ? "" : "Host: localhost\r\n")
            + "Connection: close\r\n"
            + headers
            + (headers.contains("Content-Length:") || body.length == 0
                ? ""
                : "Content-Length: " + body.length + "\r\n")
            + "\r\n";
    byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[first.length + body.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(body, 0, all, first.length, body.length);
    return all;
  }

  /** A request in JSON. */
  static byte[] json(String path, String json) {
    return request(
        "POST", path, "Content-Type: application/json\r\n", json.getBytes(StandardCharsets.UTF_8));
  }

  Wire send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Says that nothing more comes, and goes on reading. */
  Wire end() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Reads until these letters have come; false if the connection ended before. */
  boolean until(String letters) throws IOException {
    InputStream in = socket.getInputStream();
    while (!read.toString(StandardCharsets.ISO_8859_1).endsWith(letters)) {
      int next = in.read();
      if (next < 0) {
        return false;
      }
      read.write(next);
    }
    return true;
  }

  /**
   * All that came until the server closed. What was read before a connection broke is kept; one
   * that stays open is an error.
   */
  Answer answer() throws IOException {
    try {
      socket.getInputStream().transferTo(read);
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) { // reset: what was not yet read is lost
      return Answer.of(read.toByteArray());
    }
    return Answer.of(read.toByteArray());
  }

  /** Breaks the connection instead of closing it. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
