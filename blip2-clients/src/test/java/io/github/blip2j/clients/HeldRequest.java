package io.github.blip2j.clients;

import io.github.blip2j.server.Blip2Server;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A request that has come but for its last byte: it keeps its place until that is sent. */
final class HeldRequest implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final byte[] image;

  /** Asks for an image's caption and waits until the server reads the image. */
  HeldRequest(Blip2Server server, byte[] image) throws IOException {
    this.image = image;
    InetSocketAddress address = server.address();
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    send(
        ("POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
                + "Authorization: Bearer "
                + Served.KEY
                + "\r\nExpect: 100-continue\r\nContent-Length: "
                + image.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    until("100 Continue");
    send(java.util.Arrays.copyOf(image, image.length - 1));
  }

  /** Sends the last byte; gives the answer up to a word. */
  String finish(String word) throws IOException {
    send(new byte[] {image[image.length - 1]});
    return until(word);
  }

  private void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  private String until(String wanted) throws IOException {
    StringBuilder read = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (read.indexOf(wanted) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("closed after: " + read);
      }
      read.append((char) next);
    }
    return read.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
