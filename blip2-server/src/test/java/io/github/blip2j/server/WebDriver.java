package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium, driven through ChromeDriver as the W3C's WebDriver says: what little of it
 * the tests of the page need.
 */
final class WebDriver implements AutoCloseable {
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** Of one command; ChromeDriver gives a script half a minute. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Process driver;
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI session;

  private WebDriver(Process driver, int port) throws IOException, InterruptedException {
    this.driver = driver;
    URI server = URI.create("http://127.0.0.1:" + port + "/");
    awaitReady(server);
    JsonNode made = send("POST", server.resolve("session"), capabilities());
    session = server.resolve("session/" + made.get("sessionId").asText() + "/");
  }

  /**
   * Starts one.
   *
   * @param folder for ChromeDriver's log
   */
  static WebDriver start(Path folder) throws IOException, InterruptedException {
    int port;
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
    Process process;
    try {
      process =
          new ProcessBuilder("chromedriver", "--port=" + port)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("chromedriver.log").toFile())
              .start();
    } catch (IOException e) {
      throw new IOException(
          "expected chromedriver among the programs, not found; on Debian: apt-get install chromium"
              + " chromium-driver",
          e);
    }
    try {
      return new WebDriver(process, port);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroy();
      throw e;
    }
  }

  private void awaitReady(URI server) throws IOException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (true) {
      try {
        if (send("GET", server.resolve("status"), null).path("ready").asBoolean()) {
          return;
        }
      } catch (IOException e) {
        if (System.nanoTime() > end || !driver.isAlive()) {
          throw e;
        }
      }
      Thread.sleep(20);
    }
  }

  private static ObjectNode capabilities() {
    ObjectNode whole = Json.object();
    ObjectNode chrome =
        whole
            .putObject("capabilities")
            .putObject("alwaysMatch")
            .put("browserName", "chrome")
            .putObject("goog:chromeOptions");
    ArrayNode arguments = chrome.putArray("args");
    arguments.add("--headless=new").add("--disable-gpu").add("--disable-dev-shm-usage");
    arguments.add("--no-sandbox"); // tests may run as root, as in a container
    arguments.add("--window-size=1360,940").add("--force-color-profile=srgb");
    arguments.add("--use-fake-device-for-media-stream").add("--use-fake-ui-for-media-stream");
    ((ObjectNode) whole.at("/capabilities/alwaysMatch"))
        .putObject("goog:loggingPrefs")
        .put("browser", "ALL");
    return whole;
  }

  private JsonNode send(String method, URI uri, @Nullable JsonNode body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LONGEST);
    request.method(
        method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    JsonNode value = Json.MAPPER.readTree(response.body()).path("value");
    if (response.statusCode() != 200) {
      throw new IOException(value.path("error").asText() + ": " + value.path("message").asText());
    }
    return value;
  }

  private JsonNode command(String path, JsonNode body) {
    try {
      return send("POST", session.resolve(path), body);
    } catch (IOException e) {
      throw new AssertionError(path + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(path, e);
    }
  }

  void open(URI page) {
    command("url", Json.object().put("url", page.toString()));
  }

  void reload() {
    command("refresh", Json.object());
  }

  /** Runs a script in the page; it may use {@code return}, and await what it returns. */
  JsonNode script(String text, Object... arguments) {
    ObjectNode body = Json.object().put("script", text);
    ArrayNode list = body.putArray("args");
    for (Object argument : arguments) {
      list.addPOJO(argument);
    }
    return command("execute/sync", Json.MAPPER.valueToTree(body));
  }

  /** A command of Chromium's own protocol. */
  JsonNode devTools(String name, ObjectNode parameters) {
    ObjectNode body = Json.object().put("cmd", name);
    body.set("params", parameters);
    return command("goog/cdp/execute", body);
  }

  private String element(String selector) {
    ObjectNode body = Json.object().put("using", "css selector").put("value", selector);
    return command("element", body).get(ELEMENT).asText();
  }

  void click(String selector) {
    command("element/" + element(selector) + "/click", Json.object());
  }

  /** Types into an element; of a file input, the path of a file. */
  void type(String selector, String text) {
    command("element/" + element(selector) + "/value", Json.object().put("text", text));
  }

  /** Presses keys where the focus is, one after another. */
  void press(String... keys) {
    ObjectNode body = Json.object();
    ObjectNode keyboard = body.putArray("actions").addObject().put("type", "key").put("id", "keys");
    ArrayNode actions = keyboard.putArray("actions");
    for (String key : keys) {
      actions.addObject().put("type", "keyDown").put("value", key);
      actions.addObject().put("type", "keyUp").put("value", key);
    }
    command("actions", body);
  }

  /** The text that an element shows. */
  String text(String selector) {
    return script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        .asText();
  }

  /** Waits until a condition holds, which the page itself looks at again and again. */
  void await(String what, String condition, Object... arguments) {
    String waiting =
        "return new Promise(done => {"
            + ("const end = performance.now() + " + PATIENCE.toMillis() + ";")
            + "const look = () => {"
            + ("if (" + condition + ") done(true);")
            + "else if (performance.now() > end) done(false);"
            + "else setTimeout(look, 10);};"
            + "look();})";
    long end = System.nanoTime() + LONGEST.toNanos();
    while (!script(waiting, arguments).asBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "expected within a minute: "
                + what
                + "; the page says: "
                + script("return document.body.innerText").asText());
      }
    }
  }

  /** What the browser complains about: errors of scripts, and what its policy has refused. */
  String complaints() {
    StringBuilder all = new StringBuilder();
    for (JsonNode entry : command("se/log", Json.object().put("type", "browser"))) {
      if (entry.path("level").asText().equals("SEVERE")) {
        all.append(entry.path("message").asText()).append('\n');
      }
    }
    return all.toString();
  }

  /** A window of a size, as a phone has it or a desk. */
  void size(int width, int height) {
    ObjectNode metrics =
        Json.object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", width < 600);
    devTools("Emulation.setDeviceMetricsOverride", metrics);
  }

  /** What the window shows, as a PNG. */
  byte[] screenshot() {
    ObjectNode all = Json.object().put("format", "png");
    return Base64.getDecoder().decode(devTools("Page.captureScreenshot", all).get("data").asText());
  }

  @Override
  public void close() {
    String ended = session.toString();
    try {
      // Without the slash: the driver knows no other command, and would leave the browser running.
      send("DELETE", URI.create(ended.substring(0, ended.length() - 1)), null);
    } catch (IOException e) {
      throw new AssertionError("the browser was not closed: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      driver.destroy();
      try {
        if (!driver.waitFor(10, TimeUnit.SECONDS)) {
          driver.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
