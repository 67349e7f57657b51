package io.github.blip2j.bench.serving;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32;

/** What no client should send, with the documented answer to it. */
final class RubbishVisits {
  private static final int SIDE = 10_000; // pixels: a hundred megapixels are refused
  private static final String PNG = "Content-Type: image/png\r\n";

  private RubbishVisits() {}

  /**
   * Every kind.
   *
   * @param image a good one
   */
  static List<Visit> of(byte[] image) {
    byte[] half = Arrays.copyOf(image, image.length / 2);
    return List.of(
        rubbish("cut image", post("/api/caption", PNG, half), 400, "invalid_image"),
        rubbish("cut image in a URL", Wire.json("/api/caption", url(half)), 400, "invalid_image"),
        rubbish("huge image", post("/api/caption", PNG, huge()), 400, "invalid_image"),
        rubbish("JSON that ends", Wire.json("/api/ask", "{\"image\":"), 400, "invalid_json"),
        rubbish("wrong field", Wire.json("/api/caption", "{\"image\":5}"), 400, "invalid_value"),
        new Visit("own mark", Visit.Kind.RUBBISH, server -> marked(new Wire(server))),
        rubbish(
            "address",
            Wire.json("/api/caption", "{\"image\":\"http://127.0.0.1/\"}"),
            400,
            "invalid_image_url"),
        rubbish("no route", Wire.json("/api/nothing", "{}"), 404, "unknown_route"),
        rubbish("wrong method", post("/health", PNG, image), 405, "wrong_method"),
        rubbish(
            "wrong type",
            post("/api/ask", "Content-Type: text/plain\r\n", image),
            415,
            "wrong_content_type"),
        rubbish(
            "lent name",
            post("/api/caption", "Host: evil.example\r\n" + PNG, image),
            403,
            "unknown_host"),
        rubbish(
            "other page",
            post("/api/caption", "Origin: https://evil.example\r\n" + PNG, image),
            403,
            "unknown_origin"),
        ended("half-closed body", "Content-Length: 9999999\r\n", half, "incomplete_body"),
        ended("body of a gigabyte", "Content-Length: 1073741824\r\n", half, "body_too_large"),
        new Visit("slow body", Visit.Kind.RUBBISH, server -> slow(new Wire(server), image)),
        new Visit("no HTTP", Visit.Kind.RUBBISH, server -> noHttp(new Wire(server))));
  }

  private static byte[] post(String path, String headers, byte[] body) {
    return Wire.request("POST", path, headers, body);
  }

  private static String url(byte[] image) {
    String bytes = Base64.getEncoder().encodeToString(image);
    return "{\"image\":\"data:image/png;base64," + bytes + "\"}";
  }

  private static Visit rubbish(String name, byte[] request, int status, String code) {
    return new Visit(
        name,
        Visit.Kind.RUBBISH,
        server -> {
          try (Wire wire = new Wire(server)) {
            return verdict(wire.send(request).answer(), status, code);
          }
        });
  }

  private static String verdict(Answer answer, int status, String code) {
    if (answer.status() == status && answer.code().equals(code) && answer.whole()) {
      return "";
    }
    return "expected " + status + " " + code + ", " + Refusals.of(answer);
  }

  /** A body that is shorter than its headers say, after which nothing more is sent. */
  private static Visit ended(String name, String length, byte[] part, String code) {
    int status = code.equals("body_too_large") ? 413 : 400;
    byte[] request = post("/api/caption", PNG + length, part);
    return new Visit(
        name,
        Visit.Kind.RUBBISH,
        server -> {
          try (Wire wire = new Wire(server)) {
            return verdict(wire.send(request).end().answer(), status, code);
          }
        });
  }

  /** Bytes that come one by one, until the server has had enough. */
  private static String slow(Wire wire, byte[] image) throws IOException {
    try (wire) {
      byte[] request = post("/api/caption", PNG, image);
      int head = request.length - image.length;
      wire.send(Arrays.copyOf(request, head));
      for (int i = head; i < request.length; i++) {
        wire.send(new byte[] {request[i]});
        Thread.sleep(50);
      }
      return "expected the connection to end, found " + wire.answer().shown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    } catch (IOException e) { // the connection is closed: so it should be
      return "";
    }
  }

  /** An error that says what was sent: by this client and nobody else. */
  private static String marked(Wire wire) throws IOException {
    try (wire) {
      String mark = "visitor-" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong());
      Answer answer =
          wire.send(Wire.json("/api/ask", "{\"" + mark + "\":1,\"question\":\"?\"}")).answer();
      String others = answer.body().replace(mark, "");
      if (answer.status() == 400 && (others.equals(answer.body()) || others.contains("visitor-"))) {
        return "expected an error about " + mark + ", found " + answer.shown();
      }
      return verdict(answer, 400, "unknown_field");
    }
  }

  private static String noHttp(Wire wire) throws IOException {
    try (wire) {
      byte[] hello = {22, 3, 1, 2, 0, 1, 0, 1, '\r', '\n', '\r', '\n'}; // TLS
      int status = wire.send(hello).end().answer().status();
      return status == 0 || status >= 400 ? "" : "expected no answer or an error, found " + status;
    }
  }

  /** A PNG whose header is right and states more pixels than are decoded. */
  private static byte[] huge() {
    ByteBuffer header = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII));
    header.putInt(SIDE).putInt(SIDE).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 sum = new CRC32();
    sum.update(header.array());
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 0, 0, 0, 13});
      png.write(header.array());
      png.write(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
      png.write(new byte[] {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, (byte) 0xaf, 6, 0x1e});
    } catch (IOException e) {
      throw new UncheckedIOException(e); // not of bytes in memory
    }
    return png.toByteArray();
  }
}
