package io.github.blip2j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire is what was meant, and what comes is read as far as it comes. */
class WireTest {
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private Wire connect() throws IOException {
    return new Wire(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void requestsHaveWhatTheyNeed() {
    String plain = text(Wire.request("GET", "/health", "", new byte[0]));
    assertThat(plain)
        .isEqualTo("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    String json = text(Wire.json("/api/ask", "{\"a\":\"ü\"}"));
    assertThat(json)
        .startsWith("POST /api/ask HTTP/1.1\r\n")
        .contains("Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{");
  }

  @Test
  void headersOfTheCallerStandAsTheyAre() {
    String own =
        text(
            Wire.request(
                "POST", "/", "Host: evil.example\r\nContent-Length: 99\r\n", new byte[] {'x'}));
    assertThat(own)
        .contains("Host: evil.example\r\n", "Content-Length: 99\r\n")
        .doesNotContain("localhost", "Content-Length: 1\r\n")
        .endsWith("\r\n\r\nx");
  }

  @Test
  void anAnswerIsReadToItsEnd() throws IOException {
    try (Wire wire = connect();
        Socket client = server.accept()) {
      wire.send(new byte[] {'a'}).end();
      assertThat(client.getInputStream().readAllBytes()).containsExactly('a');
      client
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();
      assertThat(wire.until("\r\n\r\n")).isTrue();
      Answer answer = wire.answer();
      assertThat(answer.body()).as("what was read before counts").isEqualTo("ab");
      assertThat(answer.whole()).isTrue();
    }
  }

  @Test
  void whatNeverComesIsNotWaitedForBehindTheEnd() throws IOException {
    try (Wire wire = connect();
        Socket client = server.accept()) {
      client.shutdownOutput();
      assertThat(wire.until("event")).isFalse();
      assertThat(wire.answer().status()).isZero();
    }
  }

  @Test
  void aConnectionThatBreaksGivesWhatWasThere() throws IOException {
    try (Wire wire = connect()) {
      try (Socket client = server.accept()) {
        client.getOutputStream().write("HTTP/1.1 2".getBytes(StandardCharsets.UTF_8));
        client.getOutputStream().flush();
        assertThat(wire.until("2")).isTrue();
        client.setSoLinger(true, 0);
      }
      Answer answer = wire.answer();
      assertThat(answer.status()).isZero();
      assertThat(answer.body()).isEqualTo("HTTP/1.1 2");
    }
  }

  @Test
  void anAbortIsSeenAtTheOtherEnd() throws IOException {
    Wire wire = connect();
    try (Socket client = server.accept()) {
      wire.abort();
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }
}
