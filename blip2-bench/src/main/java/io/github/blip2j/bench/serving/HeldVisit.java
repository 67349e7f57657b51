package io.github.blip2j.bench.serving;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** A caption that is asked for but for the last byte of its image. */
final class HeldVisit implements AutoCloseable {
  private final Wire wire;
  private final byte[] image;
  private final String caption;

  private HeldVisit(Wire wire, byte[] image, String caption) {
    this.wire = wire;
    this.image = image;
    this.caption = caption;
  }

  /** Begins one: the server reads the image, or is about to. */
  static HeldVisit begin(InetSocketAddress server, byte[] image, String caption)
      throws IOException {
    Wire wire = new Wire(server);
    byte[] request =
        Wire.request(
            "POST", "/api/caption", "Content-Type: image/png\r\nExpect: 100-continue\r\n", image);
    int head = request.length - image.length;
    wire.send(Arrays.copyOf(request, head));
    wire.until("\r\n\r\n"); // of 100 Continue, which comes before anything is refused
    wire.send(Arrays.copyOfRange(request, head, request.length - 1));
    return new HeldVisit(wire, image, caption);
  }

  /** Sends the last byte; gives what is wrong, or an empty text. */
  String finish() throws IOException {
    Answer answer;
    try {
      answer = wire.send(new byte[] {image[image.length - 1]}).answer();
    } catch (IOException e) {
      return e.toString();
    }
    boolean right = answer.status() == 200 && answer.whole() && answer.at("/text").equals(caption);
    return right ? "" : Refusals.of(answer);
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
