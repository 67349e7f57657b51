package io.github.blip2j.internal.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Hub on the loopback address that has directories under {@code owner/NAME}. */
final class DirectoryHub implements AutoCloseable {
  private static final String COMMIT = "89abcdef".repeat(5);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Pattern ASKED =
      Pattern.compile("(?:/api/models)?/owner/([\\w.-]+)/(revision|tree|resolve)/\\w+/?(.*)");

  private final Function<String, Path> directories;
  private final HttpServer server;

  /**
   * Starts it.
   *
   * @param directories by {@code NAME}
   */
  DirectoryHub(Function<String, Path> directories) {
    this.directories = directories;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = body(exchange.getRequestURI().getPath());
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private byte[] body(String path) throws IOException {
    Matcher asked = ASKED.matcher(path);
    if (!asked.matches()) {
      throw new IOException(path + ": no such thing on this Hub");
    }
    Path directory = directories.apply(asked.group(1));
    return switch (asked.group(2)) {
      case "revision" -> MAPPER.writeValueAsBytes(MAPPER.createObjectNode().put("sha", COMMIT));
      case "tree" -> MAPPER.writeValueAsBytes(listing(directory));
      default -> Files.readAllBytes(directory.resolve(asked.group(3)));
    };
  }

  private static ArrayNode listing(Path directory) throws IOException {
    ArrayNode entries = MAPPER.createArrayNode();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        entries
            .addObject()
            .put("type", "file")
            .put("path", directory.relativize(file).toString().replace('\\', '/'))
            .put("size", content.length)
            .put("oid", oid(content));
      }
    }
    return entries;
  }

  private static String oid(byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      String head = String.format(Locale.ROOT, "blob %d\0", content.length);
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
