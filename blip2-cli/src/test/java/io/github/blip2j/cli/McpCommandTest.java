package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.host.ChildJvm;
import io.github.blip2j.testkit.Fixtures;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code mcp}: the program in a process of its own, asked by the protocol's own client. */
class McpCommandTest {
  private static final Path SAMPLES = Path.of("..", "samples");

  @TempDir Path root;
  private Path folder;
  private Path temporary;
  private final ConcurrentLinkedQueue<String> err = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void fill() throws IOException {
    folder = Files.createDirectories(root.toRealPath().resolve("photos"));
    temporary = Files.createDirectories(root.resolve("temporary"));
    for (int i = 0; i < 3; i++) {
      Files.copy(SAMPLES.resolve("scene-0" + i + ".png"), folder.resolve(i + ".png"));
    }
  }

  private List<String> program(String... arguments) {
    List<String> all = new ArrayList<>(ChildJvm.SHORT_LIVED);
    all.add("-Djava.io.tmpdir=" + temporary);
    all.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    all.addAll(List.of(arguments));
    return all;
  }

  private McpSyncClient client() {
    StdioClientTransport process =
        new StdioClientTransport(
            ServerParameters.builder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString())
                .args(program("mcp", "--backend", "onnx", folder.toString()))
                .build(),
            new JacksonMcpJsonMapper(Output.MAPPER));
    process.setStdErrorHandler(err::add);
    Duration patience = Duration.ofMinutes(2); // of a busy machine
    return McpClient.sync(process).requestTimeout(patience).initializationTimeout(patience).build();
  }

  private static CallToolResult call(
      McpSyncClient client, String tool, Map<String, Object> arguments) {
    return client.callTool(CallToolRequest.builder(tool).arguments(arguments).build());
  }

  private static String text(CallToolResult result) {
    return ((TextContent) result.content().get(0)).text();
  }

  @Test
  void aClientListsAndCallsEachTool() throws IOException {
    Path secret = Files.copy(SAMPLES.resolve("scene-03.png"), root.resolve("secret.png"));
    Files.createSymbolicLink(folder.resolve("link.png"), secret);
    String caption =
        Run.of("caption", "--backend", "onnx", folder.resolve("0.png").toString()).out();
    try (McpSyncClient client = client()) {
      client.initialize();
      assertThat(client.getServerInfo().name()).isEqualTo("blip2");
      assertThat(client.listTools().tools())
          .extracting(Tool::name)
          .containsExactlyInAnyOrder("caption_image", "ask_image", "match_image", "search_images");
      assertThat(text(call(client, "caption_image", Map.of("image", "0.png"))))
          .isEqualTo(caption.strip());
      CallToolResult answer =
          call(client, "ask_image", Map.of("image", "0.png", "question", "how many shapes?"));
      assertThat(answer.isError()).isFalse();
      assertThat(text(answer)).isNotBlank();
      CallToolResult match =
          call(
              client,
              "match_image",
              Map.of("image", "0.png", "texts", List.of(caption.strip(), "a green star")));
      assertThat(text(match)).contains(caption.strip()).contains("a green star");
      CallToolResult found = call(client, "search_images", Map.of("query", caption.strip()));
      assertThat(text(found)).contains(folder.resolve("0.png").toString(), "3 images searched");
      for (String image :
          List.of(secret.toString(), "../secret.png", "link.png", secret.toUri().toString())) {
        CallToolResult refused = call(client, "caption_image", Map.of("image", image));
        assertThat(refused.isError()).as(image).isTrue();
        assertThat(text(refused)).contains("must be a data: URI, or lie in one of [" + folder);
      }
      assertThat(client.closeGracefully()).isTrue(); // waits for the end of the process
    }
    try (var left = Files.newDirectoryStream(temporary, "blip2-mcp-*")) {
      assertThat(left).as("the index of a process that was ended by a signal").isEmpty();
    }
    assertThat(err).contains("blip2: ready").anyMatch(line -> line.contains("demo model"));
  }

  /** What one process says, in this process. */
  private record Said(int status, String out, String err) {}

  private static Said run(String input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    McpCommand command =
        new McpCommand(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out);
    int status = new CommandLine(command).setErr(new PrintWriter(err)).execute(arguments);
    return new Said(status, out.toString(StandardCharsets.UTF_8), err.toString());
  }

  /** A greeting, and the question which tools there are. */
  static String tools() {
    return """
    {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",\
    "capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
    {"jsonrpc":"2.0","method":"notifications/initialized"}
    {"jsonrpc":"2.0","id":2,"method":"tools/list"}
    """;
  }

  /** One checkpoint does one thing; a second one is added by its name. */
  @Test
  void checkpointsDecideWhichToolsThereAre() {
    String opt = Fixtures.directory("tiny-opt").toString();
    String itm = Fixtures.directory("tiny-itm").toString();
    Said writes = run(tools(), "--model", opt, "--backend", "onnx");
    assertThat(writes.status()).as(writes.err()).isZero();
    assertThat(writes.out()).contains("caption_image").doesNotContain("match_image");
    assertThat(run(tools(), "--model", itm, "--backend", "onnx").out())
        .contains("search_images")
        .doesNotContain("ask_image");
    assertThat(run(tools(), "--model", opt, "--match-model", itm, "--backend", "onnx").out())
        .contains("caption_image", "match_image");
  }

  @Test
  void wrongOptionsAreRefusedBeforeAModelIsLoaded() {
    String none = root.resolve("none").toString();
    for (String[] wrong : new String[][] {{none}, {"--index", none}, {"--device", "gpu"}}) {
      String[] all = new String[wrong.length + 1];
      all[0] = "mcp";
      System.arraycopy(wrong, 0, all, 1, wrong.length);
      Run run = Run.of(all);
      assertThat(run.status()).as(run.err()).isNotZero();
      assertThat(run.err()).containsAnyOf("expected", "must be").doesNotContain("demo model");
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void aSecondModelThatTheFirstMakesNeedlessIsRefused() {
    String itm = Fixtures.directory("tiny-itm").toString();
    Run run = Run.of("mcp", "--model", itm, "--match-model", itm, "--backend", "onnx");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--match-model").contains("must be left out");
  }
}
