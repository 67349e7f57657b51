package io.github.blip2j.cli.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A Hub on the loopback address with one model, whose files are those of a folder. */
final class HubOfFolder implements AutoCloseable {
  static final String ID = "owner/tiny";
  static final String COMMIT = "89abcdef89abcdef89abcdef89abcdef89abcdef";

  private final ServerSocket server;
  private final Path folder;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  HubOfFolder(Path folder) throws IOException {
    this.folder = folder;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(
        () -> {
          while (!server.isClosed()) {
            Socket connection = server.accept();
            start(() -> serve(connection));
          }
        });
  }

  /** Something that ends when its connection does. */
  private interface Task {
    void run() throws IOException;
  }

  private static void start(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // closed
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  String address() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  List<String> requests() {
    return requests;
  }

  /** One request; the connection ends with its answer. */
  private void serve(Socket connection) throws IOException {
    try (connection) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
      String path = String.valueOf(in.readLine()).split("[ ?]")[1];
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        // headers, of which none matters here
      }
      requests.add(path);
      answer(path, connection.getOutputStream());
    }
  }

  private void answer(String path, OutputStream out) throws IOException {
    String resolve = "/" + ID + "/resolve/" + COMMIT + "/";
    byte[] body;
    String status = "200 OK";
    if (path.equals("/api/models/" + ID + "/revision/main")) {
      String info = "{\"sha\":\"" + COMMIT + "\",\"cardData\":{\"license\":\"mit\"}}";
      body = info.getBytes(StandardCharsets.UTF_8);
    } else if (path.equals("/api/models/" + ID + "/tree/" + COMMIT)) {
      body = listing().toString().getBytes(StandardCharsets.UTF_8);
    } else if (path.startsWith(resolve)) {
      body = Files.readAllBytes(folder.resolve(path.substring(resolve.length())));
    } else {
      body = new byte[0];
      status = "404 Not Found\r\nX-Error-Code: RepoNotFound";
    }
    String head = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + body.length;
    out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }

  private ArrayNode listing() throws IOException {
    ArrayNode entries = new ObjectMapper().createArrayNode();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        ObjectNode entry = entries.addObject();
        entry.put("type", "file").put("path", file.getFileName().toString());
        entry.put("size", content.length).put("oid", hash("SHA-1", header(content), content));
        if (file.toString().endsWith(".safetensors")) {
          entry.putObject("lfs").put("oid", hash("SHA-256", content)).put("size", content.length);
        }
      }
    }
    return entries;
  }

  private static byte[] header(byte[] content) {
    return String.format(Locale.ROOT, "blob %d\0", content.length).getBytes(StandardCharsets.UTF_8);
  }

  private static String hash(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
