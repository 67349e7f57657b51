package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Requests that a server answers to itself before anybody asks: classes are loaded, code has been
 * compiled and the engine has seen its graphs when the first client comes. They go the whole way
 * but for the network, from the image's file to the last event of a stream; what they leave behind
 * is not the server's.
 */
final class Rehearsal {
  private static final int ROUNDS = 6;
  private static final Duration LONGEST = Duration.ofSeconds(2); // then no other round begins
  private static final int TOKENS = 12; // of a text
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;
  private static final String JSON = "application/json";

  private final Gate gate;

  private Rehearsal(Gate gate) {
    this.gate = gate;
  }

  /**
   * Asks models.
   *
   * @throws IllegalStateException if one does not answer
   */
  static void of(Blip2 blip2, List<ServedModel> further) {
    ServerOptions options = ServerOptions.defaults();
    byte[] png = image("png");
    byte[] jpeg = image("jpg");
    try (Services services = new Services(blip2, further, options)) {
      Rehearsal rehearsal = new Rehearsal(new Gate(options, services));
      long start = System.nanoTime();
      for (int round = 0;
          round < ROUNDS && System.nanoTime() - start < LONGEST.toNanos();
          round++) {
        rehearsal.model("", blip2, png, jpeg);
        for (ServedModel model : further) {
          rehearsal.model(model.prefix(), model.blip2(), png, jpeg);
        }
      }
    }
  }

  /** What a page or a client asks about a new image, of each kind of file. */
  private void model(String path, Blip2 blip2, byte[] png, byte[] jpeg) {
    about(path + "/api", blip2, "image/png", png);
    about(path + "/api", blip2, "image/jpeg", jpeg);
  }

  private void about(String api, Blip2 blip2, String type, byte[] image) {
    String kept = ask("POST", api + "/images", type, image);
    String id = Fields.of(kept.getBytes(StandardCharsets.UTF_8)).requiredText("image_id");
    if (blip2.capabilities().contains(Capability.GENERATE)) {
      write(api + "/caption", Json.object().put("image_id", id));
      write(api + "/ask", Json.object().put("image_id", id).put("question", "what is it?"));
    }
    if (blip2.capabilities().contains(Capability.MATCH)) {
      ObjectNode match = Json.object().put("image_id", id);
      match.putArray("texts").add("a circle").add("a square");
      ask(api + "/match", match);
    }
    ask("DELETE", api + "/images/" + id, JSON, new byte[0]);
  }

  private void write(String path, ObjectNode request) {
    request.putObject("options").put("max_new_tokens", TOKENS);
    ask(path, request.put("stream", true));
  }

  private void ask(String path, ObjectNode request) {
    ask("POST", path, JSON, request.toString().getBytes(StandardCharsets.UTF_8));
  }

  private String ask(String method, String path, String type, byte[] body) {
    InnerCall call = new InnerCall(method, path, type, body);
    gate.serve(call);
    String answer = new String(call.answer(), StandardCharsets.UTF_8);
    if (call.status() >= 300 || answer.contains("event: error")) {
      throw new IllegalStateException(
          "the rehearsal's " + path + " was not answered: " + call.status() + " " + answer);
    }
    return answer;
  }

  /** A disc before colours that run into each other: all that a decoder knows comes up in it. */
  static byte[] image(String format) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean inside = Math.hypot(x - WIDTH / 2.0, y - HEIGHT / 2.0) < HEIGHT / 4.0;
        image.setRGB(x, y, inside ? 0xd03020 : (x * 255 / WIDTH) << 16 | (y * 255 / HEIGHT) << 8);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalStateException("this Java writes no " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not into memory
    }
    return bytes.toByteArray();
  }
}
