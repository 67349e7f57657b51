package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code serve}, from its start to its end. */
class ServeCommandTest {
  private static final Pattern ADDRESS = Pattern.compile("Serving at (http://\\S+)\\R");

  @TempDir Path folder;
  private final CountDownLatch end = new CountDownLatch(1);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--port", "0"));
    all.addAll(List.of(arguments));
    return new CommandLine(new ServeCommand(end))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void itServesUntilItIsToldToEnd() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    String model = Fixtures.directory("tiny-opt").toString();
    Future<Integer> status =
        thread.submit(
            () -> run("--model", model, "--backend", "onnx", "--token", "s3cret", "--queue", "3"));
    URI server = address(status);
    assertThat(send(HttpRequest.newBuilder(server.resolve("/health"))).statusCode()).isEqualTo(200);
    HttpRequest.Builder caption =
        HttpRequest.newBuilder(server.resolve("/api/caption"))
            .header("Content-Type", "image/png")
            .POST(BodyPublishers.ofByteArray(Files.readAllBytes(Fixtures.image("portrait.png"))));
    assertThat(send(caption.copy()).statusCode()).isEqualTo(401);
    HttpResponse<String> answer = send(caption.header("Authorization", "Bearer s3cret"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(Output.MAPPER.readTree(answer.body()).has("text")).isTrue();
    end.countDown();
    assertThat(status.get()).isZero();
    thread.shutdown();
    assertThat(err.toString())
        .contains("POST /api/caption 401")
        .contains("POST /api/caption 200")
        .doesNotContain("s3cret");
  }

  /** Another precision and a model that matches, each under its path; the page is there too. */
  @Test
  void furtherModelsAreServedBesideTheFirst() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    String opt = Fixtures.directory("tiny-opt").toString();
    String itm = Fixtures.directory("tiny-itm").toString();
    Future<Integer> status =
        thread.submit(
            () ->
                run("--model", opt, "--backend", "onnx", "--beside", "int8", "--match-model", itm));
    URI server = address(status);
    JsonNode main = json(send(HttpRequest.newBuilder(server.resolve("/api/model"))));
    assertThat(main.at("/precisions/language").asText()).isEqualTo("float32");
    assertThat(main.at("/further").findValuesAsText("path"))
        .containsExactly("/models/int8", "/models/matcher");
    JsonNode eight = json(send(HttpRequest.newBuilder(server.resolve("/models/int8/api/model"))));
    assertThat(eight.at("/precisions/language").asText()).isEqualTo("int8");
    JsonNode match =
        json(send(HttpRequest.newBuilder(server.resolve("/models/matcher/api/model"))));
    assertThat(match.at("/capabilities/0").asText()).isEqualTo("match");
    assertThat(send(HttpRequest.newBuilder(server.resolve("/"))).body()).contains("<title>BLIP-2");
    end.countDown();
    assertThat(status.get()).isZero();
    thread.shutdown();
  }

  /** As `index add` filled it; every hit comes with its file's image. */
  @Test
  void anIndexIsSearched() throws Exception {
    String itm = Fixtures.directory("tiny-itm").toString();
    String index = folder.resolve("index").toString();
    String landscape = Fixtures.image("landscape.png").toString();
    Run added =
        Run.of(
            "index",
            "add",
            "--model",
            itm,
            "--index",
            index,
            landscape,
            Fixtures.image("portrait.png").toString());
    assertThat(added.status()).as(added.err()).isZero();
    Run searched = Run.of("index", "search", "--json", "--model", itm, "--index", index, "a cat");
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<Integer> status = thread.submit(() -> run("--model", itm, "--index", index));
    URI server = address(status);
    JsonNode found =
        json(
            send(
                HttpRequest.newBuilder(server.resolve("/api/search"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"text\": \"a cat\"}"))));
    assertThat(found.at("/hits")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(found.at("/hits/" + i + "/name")).isEqualTo(searched.json().get(i).get("image"));
      assertThat(found.at("/hits/" + i + "/image").asText()).startsWith("data:image/jpeg;base64,");
    }
    JsonNode model = json(send(HttpRequest.newBuilder(server.resolve("/api/model"))));
    assertThat(model.at("/search/images").asInt()).isEqualTo(2);
    end.countDown();
    assertThat(status.get()).isZero();
    thread.shutdown();
  }

  @Test
  void anIndexWantsAModelThatMatches() {
    String opt = Fixtures.directory("tiny-opt").toString();
    Run refused = Run.of(serve("--model", opt, "--index", folder.toString()));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("must come with a model that matches");
    Run none = Run.of(serve("--model", opt, "--index", folder.resolve("none").toString()));
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("expected an index, found no directory");
  }

  /** Whoever comes first finds it warm: it has written texts, of which the server counts none. */
  @Test
  void theBuiltInModelIsWarmWhenItIsServed() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<Integer> status = thread.submit(() -> run("--backend", "onnx", "--quiet"));
    URI server = address(status);
    String metrics = send(HttpRequest.newBuilder(server.resolve("/metrics"))).body();
    assertThat(metrics)
        .containsPattern("(?m)^blip2_prefix_cache_misses_total [1-9]")
        .contains("blip2_generated_tokens_total 0\n");
    end.countDown();
    assertThat(status.get()).isZero();
    thread.shutdown();
  }

  private URI address(Future<Integer> status) throws InterruptedException {
    Matcher found = ADDRESS.matcher(out.toString());
    while (!found.find()) {
      assertThat(status.isDone()).as(err.toString()).isFalse();
      Thread.sleep(10);
      found = ADDRESS.matcher(out.toString());
    }
    return URI.create(found.group(1));
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Output.MAPPER.readTree(answer.body());
  }

  @Test
  void wrongOptionsAreRefusedBeforeAModelIsLoaded() {
    for (String[] wrong :
        new String[][] {
          {"--model-name", "a b"},
          {"--concurrency", "0"},
          {"--beside", "int7"},
          {"--token", "a b"},
          {"--host", "no such host"}
        }) {
      assertThat(Run.of(serve(wrong)).status()).as(wrong[0]).isEqualTo(2);
      assertThat(Run.of(serve(wrong)).err()).contains("must be").doesNotContain("demo model");
    }
  }

  private static String[] serve(String... arguments) {
    List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
    all.addAll(List.of(arguments));
    return all.toArray(String[]::new);
  }

  @Test
  void aServerForOthersWithoutATokenIsWarnedOf() {
    end.countDown();
    String model = Fixtures.directory("tiny-itm").toString();
    assertThat(run("--model", model, "--host", "0.0.0.0")).as(err.toString()).isZero();
    assertThat(err.toString()).contains("--token is not set");
    assertThat(out.toString()).contains("Serving at http://127.0.0.1:");
  }
}
