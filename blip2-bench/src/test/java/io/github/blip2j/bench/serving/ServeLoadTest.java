package io.github.blip2j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The campaign itself, for a moment; and that it sees what a wrong server does. */
class ServeLoadTest {
  private static final Path SAMPLES = Path.of("..", "samples");

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();

  private int run(String... more) {
    CommandLine line = new CommandLine(new ServeLoadCommand());
    String[] all = new String[more.length + 4];
    System.arraycopy(more, 0, all, 0, more.length);
    all[more.length] = "--images";
    all[more.length + 1] = SAMPLES.toString();
    all[more.length + 2] = "--out";
    all[more.length + 3] = folder.resolve("load").toString();
    return line.setOut(new PrintWriter(out)).execute(all);
  }

  @Test
  void aMomentOfLoadHasNoFault() {
    int status = run("--clients", "8", "--seconds", "1", "--rubbish", "0.2");
    assertThat(out.toString()).doesNotContain("fault:").contains("8 clients, 1 s", "; 0 faults");
    assertThat(out.toString()).containsPattern("stop: [1-9]\\d* requests that had begun answered");
    assertThat(status).isZero();
    assertThat(folder.resolve("load/serve-load.csv")).isNotEmptyFile();
  }

  @Test
  void growthIsAFaultIfItIsAsked() {
    assertThat(run("--clients", "1", "--seconds", "1", "--most-growth", "-1")).isEqualTo(1);
    assertThat(out.toString()).contains("fault: memory grew by more than -1.000");
  }

  /** A server that says the same to everybody: what one client should hear, others hear too. */
  @Test
  void anotherOnesTextIsAFault() throws IOException {
    byte[] first = Files.readAllBytes(SAMPLES.resolve("scene-00.png"));
    byte[] second = Files.readAllBytes(SAMPLES.resolve("scene-01.png"));
    String caption;
    List<Visit> own;
    List<Visit> others;
    try (Blip2 blip2 = Blip2.builder().model(DemoModel.captioner()).backend("onnx").load()) {
      caption = blip2.caption(ImageSource.of(first)).text();
      own = new SincereVisits(blip2, "first", first).all();
      others = new SincereVisits(blip2, "second", second).all();
    }
    HttpServer server = parrot("{\"text\":\"" + caption + "\"}");
    try {
      assertThat(find(own, "caption of a file").run(server.getAddress())).isEmpty();
      assertThat(find(own, "completion").run(server.getAddress())).startsWith("expected");
      assertThat(find(others, "caption of a file").run(server.getAddress()))
          .startsWith("expected ")
          .endsWith("found " + caption);
      for (Visit rubbish : RubbishVisits.of(first)) {
        if (!List.of("slow body", "no HTTP").contains(rubbish.name())) { // slow; not the parrot's
          assertThat(rubbish.work().run(server.getAddress())).as(rubbish.name()).isNotEmpty();
        }
      }
    } finally {
      server.stop(0);
    }
  }

  private static Visit.Work find(List<Visit> visits, String name) {
    return visits.stream().filter(v -> v.name().startsWith(name)).findFirst().orElseThrow().work();
  }

  private static HttpServer parrot(String says) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = says.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          try (OutputStream answer = exchange.getResponseBody()) {
            exchange.sendResponseHeaders(200, body.length);
            answer.write(body);
          }
        });
    server.start();
    return server;
  }
}
