package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The Hub's interface on the loopback address: a model's revision, its listing in pages, small
 * files at {@code resolve}, and large ones by redirect to a storage on another host.
 */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String ID = "owner/tiny-model";
  static final String TOKEN = "hf_SecretSecret";

  private final Map<String, byte[]> files = new TreeMap<>();
  private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
  private final Map<String, Queue<RawServer.Handler>> answers = new ConcurrentHashMap<>();
  private final RawServer hub = new RawServer(this::answerHub);
  private final RawServer storage = new RawServer(this::answerStorage);
  private int pageSize = 1000;
  private String info = "\"cardData\":{\"license\":\"mit\"}";

  /** What happens to one transfer of a file instead of the right thing. */
  interface Fault {
    void answer(RawServer.Request request, byte[] content, OutputStream out) throws Exception;
  }

  /** A model whose large file has so many bytes. */
  static FakeHub withModel(int largeBytes) {
    FakeHub made = new FakeHub();
    made.text("config.json", "{\"model_type\":\"blip-2\"}");
    made.text("tokenizer.json", "{\"version\":\"1.0\",\"added_tokens\":[]}");
    made.text("generation_config.json", "{}");
    made.text("preprocessor_config.json", "{\"size\":224}");
    made.text("README.md", "not needed");
    made.files.put("model.safetensors", bytes(largeBytes, 1));
    return made;
  }

  static byte[] bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  FakeHub text(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  FakeHub file(String name, byte[] content) {
    files.put(name, content);
    return this;
  }

  FakeHub remove(String name) {
    files.remove(name);
    return this;
  }

  FakeHub pages(int size) {
    pageSize = size;
    return this;
  }

  /** What the model's description says beside its commit. */
  FakeHub info(String json) {
    info = json;
    return this;
  }

  /** The next transfers of a file go wrong in these ways, one after the other. */
  FakeHub next(String file, Fault... ways) {
    faults.computeIfAbsent(file, f -> new ArrayDeque<>()).addAll(List.of(ways));
    return this;
  }

  /** The next requests to the Hub whose path contains this are answered so. */
  FakeHub nextAt(String path, RawServer.Handler... given) {
    answers.computeIfAbsent(path, p -> new ArrayDeque<>()).addAll(List.of(given));
    return this;
  }

  byte[] content(String name) {
    return Objects.requireNonNull(files.get(name), name);
  }

  static boolean isLarge(String name) {
    return name.endsWith(".safetensors") || name.endsWith(".bin");
  }

  /** What the file is called among the blobs. */
  String hash(String name) {
    byte[] content = content(name);
    return isLarge(name)
        ? hex("SHA-256", content)
        : hex(
            "SHA-1",
            String.format(Locale.ROOT, "blob %d\0", content.length)
                .getBytes(StandardCharsets.UTF_8),
            content);
  }

  private static String hex(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String address() {
    return "http://127.0.0.1:" + hub.port();
  }

  /** Another host's name for the same machine. */
  String storageAddress() {
    return "http://localhost:" + storage.port();
  }

  List<RawServer.Request> hubRequests() {
    return hub.requests();
  }

  List<RawServer.Request> storageRequests() {
    return storage.requests();
  }

  /** The first bytes that transfers of the large file asked for, in order. */
  List<Integer> starts() {
    return storage.requests().stream().map(RawServer.Request::from).toList();
  }

  private void answerHub(RawServer.Request request, OutputStream out) throws Exception {
    for (Map.Entry<String, Queue<RawServer.Handler>> each : answers.entrySet()) {
      if (request.target().contains(each.getKey())) {
        RawServer.Handler way = poll(each.getValue());
        if (way != null) {
          way.answer(request, out);
          return;
        }
      }
    }
    String path = request.path();
    if (path.startsWith("/api/models/" + ID + "/revision/")) {
      String json = "{\"id\":\"" + ID + "\",\"sha\":\"" + COMMIT + "\"," + info + "}";
      RawServer.write(out, 200, json.getBytes(StandardCharsets.UTF_8));
    } else if (path.equals("/api/models/" + ID + "/tree/" + COMMIT)) {
      tree(request, out);
    } else if (path.startsWith("/" + ID + "/resolve/" + COMMIT + "/")) {
      resolve(request, path.replaceFirst(".*/resolve/[^/]+/", ""), out);
    } else {
      RawServer.write(out, 404, new byte[0], "X-Error-Code: RepoNotFound");
    }
  }

  private void tree(RawServer.Request request, OutputStream out) throws IOException {
    String cursor = request.target().replaceAll(".*[?&]cursor=(\\d+).*|.*", "$1");
    int from = cursor.isEmpty() ? 0 : Integer.parseInt(cursor);
    List<String> entries = new ArrayList<>();
    entries.add("{\"type\":\"directory\",\"oid\":\"x\",\"size\":0,\"path\":\"folder\"}");
    files.forEach((name, content) -> entries.add(entry(name, content)));
    int to = Math.min(from + pageSize, entries.size());
    byte[] body = entries.subList(from, to).toString().getBytes(StandardCharsets.UTF_8);
    String next =
        "Link: <https://huggingface.co"
            + request.path()
            + "?recursive=true&cursor="
            + to
            + ">; rel=\"next\"";
    if (to < entries.size()) {
      RawServer.write(out, 200, body, next);
    } else {
      RawServer.write(out, 200, body);
    }
  }

  private String entry(String name, byte[] content) {
    String git = hex("SHA-1", name.getBytes(StandardCharsets.UTF_8));
    String lfs =
        ",\"lfs\":{\"oid\":\""
            + hash(name)
            + "\",\"size\":"
            + content.length
            + ",\"pointerSize\":134}";
    return "{\"type\":\"file\",\"path\":\""
        + name
        + "\",\"size\":"
        + content.length
        + ",\"oid\":\""
        + (isLarge(name) ? git : hash(name))
        + "\""
        + (isLarge(name) ? lfs : "")
        + "}";
  }

  private void resolve(RawServer.Request request, String name, OutputStream out) throws Exception {
    byte[] content = files.get(name);
    if (content == null) {
      RawServer.write(out, 404, new byte[0], "X-Error-Code: EntryNotFound");
    } else if (isLarge(name)) {
      RawServer.write(
          out,
          302,
          "moved".getBytes(StandardCharsets.UTF_8),
          "X-Repo-Commit: " + COMMIT,
          "X-Linked-Etag: \"" + hash(name) + "\"",
          "Location: " + storageAddress() + "/" + name + "?Signature=signed-secret");
    } else {
      transfer(request, name, out);
    }
  }

  private void answerStorage(RawServer.Request request, OutputStream out) throws Exception {
    transfer(request, request.path().substring(1), out);
  }

  private void transfer(RawServer.Request request, String name, OutputStream out) throws Exception {
    Fault fault = poll(faults.getOrDefault(name, new ArrayDeque<>()));
    if (fault != null) {
      fault.answer(request, content(name), out);
    } else {
      serve(request, content(name), out);
    }
  }

  /** The right answer to a request. */
  static void serve(RawServer.Request request, byte[] content, OutputStream out)
      throws IOException {
    int from = request.from();
    byte[] part = Arrays.copyOfRange(content, Math.min(from, content.length), content.length);
    if (from == 0) {
      RawServer.write(out, 200, part);
    } else {
      RawServer.write(out, 206, part, range(from, content.length));
    }
  }

  static String range(int from, int length) {
    return "Content-Range: bytes " + from + "-" + (length - 1) + "/" + length;
  }

  private static <T> @Nullable T poll(Queue<T> queue) {
    synchronized (queue) {
      return queue.poll();
    }
  }

  @Override
  public void close() {
    hub.close();
    storage.close();
  }
}
