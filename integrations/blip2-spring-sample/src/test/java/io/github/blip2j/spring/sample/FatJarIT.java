package io.github.blip2j.spring.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The packaged application, started as {@code java -jar} and asked over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FatJarIT {
  private static final Pattern STARTED = Pattern.compile("Tomcat started on port (\\d+)");
  private static final Pattern STOPPING = Pattern.compile("Commencing graceful shutdown");
  private static final String QUESTION = "what colour is the circle?";
  private static final Path SCENE = Path.of("..", "..", "samples", "scene-00.png");

  private final HttpClient client = HttpClient.newHttpClient();

  private Path log;
  private Process process;
  private int port;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    log = folder.resolve("log");
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1", // short-lived, as the tests' own processes
                "-XX:+UseSerialGC",
                "-jar",
                jar().toString(),
                "--server.port=0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    port = Integer.parseInt(await(STARTED).group(1));
  }

  private static Path jar() throws IOException {
    try (var files = Files.list(Path.of("target"))) {
      return files
          .filter(f -> f.getFileName().toString().matches("blip2-spring-sample-[\\w.-]*\\.jar"))
          .filter(f -> !f.toString().matches(".*(sources|javadoc)\\.jar"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Waits until the application has logged something; the log is shown if it ends before. */
  private Matcher await(Pattern line) throws IOException, InterruptedException {
    while (true) {
      boolean ended = !process.isAlive();
      Matcher found = line.matcher(Files.readString(log));
      if (found.find()) {
        return found;
      }
      assertThat(ended).as("%s", found).isFalse();
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  @AfterAll
  void stop() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private HttpResponse<String> post(String path, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as("%s", response.body()).isEqualTo(200);
    return response.body();
  }

  private static String asking(String path) {
    return path + "?question=" + URLEncoder.encode(QUESTION, StandardCharsets.UTF_8);
  }

  @Test
  @Order(1)
  void itDescribesAnImageAsTheLibraryDoes() throws IOException, InterruptedException {
    try (Blip2 blip2 = Blip2.load(DemoModel.captioner())) {
      ImageSource scene = ImageSource.of(SCENE);
      byte[] bytes = Files.readAllBytes(SCENE);
      assertThat(post("/caption", bytes).body()).isEqualTo(blip2.caption(scene).text());
      String answer = blip2.ask(scene, QUESTION).text();
      assertThat(post(asking("/ask"), bytes).body()).isEqualTo(answer);
      String events = post(asking("/stream"), bytes).body();
      assertThat(events).startsWith("data:");
      assertThat(events.replaceAll("(?m)^data:|\\n", "")).isEqualTo(answer);
    }
  }

  @Test
  @Order(2)
  void whatIsNoImageIsTheCallersFault() throws IOException, InterruptedException {
    HttpResponse<String> refused = post("/caption", "no image".getBytes(StandardCharsets.UTF_8));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("detail");
  }

  @Test
  @Order(3)
  void healthAndMetricsTellOfIt() throws IOException, InterruptedException {
    assertThat(get("/actuator/health"))
        .contains("\"blip2\":{", "\"backend\":\"onnx\"", "\"status\":\"UP\"");
    String metrics = get("/actuator/prometheus");
    assertThat(metrics)
        .containsPattern("blip2_stage_seconds_count\\{.*stage=\"vision\".*} [1-9]")
        .containsPattern("blip2_tokens_total\\{.*reason=\"eos\".*} [1-9]")
        .containsPattern("blip2_texts_total\\{.*} 3\\.0")
        .containsPattern("blip2_queue_seconds_count.* [1-9]")
        .containsPattern("blip2_cache_gets_total\\{.*cache=\"image\".*result=\"hit\".*} [1-9]")
        .containsPattern("gen_ai_server_time_to_first_token_seconds_count\\{.*} [1-9]")
        .containsPattern("gen_ai_client_operation_seconds_count\\{.*} [1-9]");
  }

  /** Half of an image has come as the application is told to stop; the other half comes then. */
  @Test
  @Order(4)
  void aRequestUnderWayIsAnsweredBeforeItStops() throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(SCENE);
    int half = bytes.length / 2;
    try (Socket socket = new Socket("localhost", port)) {
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /caption HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                  + "Content-Type: application/octet-stream\r\nContent-Length: "
                  + bytes.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(bytes, 0, half);
      out.flush();
      // Once this is answered, the half request has been taken up too.
      assertThat(post("/caption", bytes).statusCode()).isEqualTo(200);
      process.destroy();
      await(STOPPING);
      out.write(bytes, half, bytes.length - half);
      out.flush();
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200").contains("circle");
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(log)).contains("Graceful shutdown complete");
  }
}
