package io.github.blip2j.clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.server.AccessEntry;
import io.github.blip2j.server.Blip2Server;
import io.github.blip2j.server.ServerAccess;
import io.github.blip2j.server.ServerLimits;
import io.github.blip2j.server.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A built-in model behind a server of its own, on any free port. */
final class Served implements AutoCloseable {
  /** What the server wants to hear, as OpenAI's wants a key. */
  static final String KEY = "s3cret";

  private static final Path GOLDEN =
      Path.of("..", "blip2-demo-model", "src", "test", "resources", "demo", "golden");

  private final Blip2 blip2;
  private final Blip2Server server;
  private final BlockingQueue<AccessEntry> log = new LinkedBlockingQueue<>();

  private Served(Blip2 blip2, ServerLimits limits) {
    this.blip2 = blip2;
    server =
        Blip2Server.start(
            blip2,
            ServerOptions.defaults()
                .withPort(0)
                .withLimits(limits)
                .withAccess(ServerAccess.defaults().withToken(KEY))
                .withAccessLog(log::add));
  }

  /** The model that writes. */
  static Served captioner(ServerLimits limits) {
    return new Served(Blip2.builder().model(DemoModel.captioner()).backend("onnx").load(), limits);
  }

  /** The model that matches. */
  static Served matcher() {
    return new Served(
        Blip2.builder().model(DemoModel.matcher()).backend("onnx").load(), ServerLimits.defaults());
  }

  Blip2 blip2() {
    return blip2;
  }

  Blip2Server server() {
    return server;
  }

  /** What clients are told to begin every path with. */
  String base() {
    return server.uri() + "/v1";
  }

  /** Waits until a request has been answered with a status. */
  void awaitStatus(int status) throws InterruptedException {
    while (log.take().status() != status) {
      continue; // an answer of before
    }
  }

  @Override
  public void close() {
    server.close();
    blip2.close();
  }

  static byte[] scene(int number) {
    return read(GOLDEN.resolve("scene-0" + number + ".png"));
  }

  static String base64(int number) {
    return Base64.getEncoder().encodeToString(scene(number));
  }

  static String url(int number) {
    return "data:image/png;base64," + base64(number);
  }

  /** What the reference, Transformers, writes about a scene without a prompt. */
  static String caption(int number) {
    return text(number, 0);
  }

  /**
   * What the reference writes for one of its prompts.
   *
   * @param prompt 1 and 2 are questions, 4 is the second with the first and its answer before it
   */
  static String text(int number, int prompt) {
    return golden(number).get("texts").get(prompt).textValue();
  }

  /** A question of the reference's cases, without its template. */
  static String question(int number, int prompt) {
    String whole = golden(number).get("prompts").get(prompt).textValue();
    return whole.replace("Question: ", "").replace(" Answer:", "");
  }

  private static JsonNode golden(int number) {
    try {
      return new ObjectMapper()
          .readTree(read(GOLDEN.resolve("golden.json")))
          .get("cases")
          .get(number);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
