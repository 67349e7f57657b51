package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.testkit.Fixtures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Where images and requests come from, and which slips are found before a model is loaded. */
class InputsTest {
  private static final String MODEL = Fixtures.directory("tiny-opt").toString();
  private static final Path IMAGE = Fixtures.image("photo.jpg");

  @TempDir Path folder;

  private static String dataUri(String head) throws IOException {
    return "data:" + head + "," + Base64.getEncoder().encodeToString(Files.readAllBytes(IMAGE));
  }

  private static Run withInput(byte[] input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return Run.on(List.of(arguments));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void anImageIsAFileOrAUriOrStandardInput() throws IOException {
    String expected = Run.of("caption", "--model", MODEL, IMAGE.toString()).out();
    Path spaced = Files.copy(IMAGE, folder.resolve("an ímage.jpg"));
    for (String name :
        List.of(
            IMAGE.toUri().toString(),
            spaced.toUri().toString(),
            spaced.toUri().toASCIIString().replace("file:///", "FILE:/"),
            dataUri("image/jpeg;base64"),
            dataUri(";BASE64"),
            dataUri(";base64").replaceAll("(.{76})", "$1\r\n") + "\n", // as programs break it
            IMAGE.toUri().toString().replace("file:///", "file://localhost/"),
            "DATA:;base64" + dataUri("").substring("data:".length()))) {
      Run run = Run.of("caption", "--model", MODEL, name);
      assertThat(run.out()).as(run.err()).isEqualTo(expected).isNotBlank();
    }
    byte[] bytes = Files.readAllBytes(IMAGE);
    assertThat(withInput(bytes, "caption", "--model", MODEL, "-").out()).isEqualTo(expected);
    Run twice = withInput(bytes, "caption", "--model", MODEL, "--json", "-", "-");
    assertThat(twice.json()).hasSize(2);
    assertThat(twice.json().get(1)).isEqualTo(twice.json().get(0));
    Run ask = withInput(bytes, "ask", "--model", MODEL, "-", "what?");
    assertThat(ask.out())
        .isEqualTo(Run.of("ask", "--model", MODEL, IMAGE.toString(), "what?").out());
  }

  @Test
  void batchTakesUrisAndABytesOrderMark() throws IOException {
    String requests =
        "{\"image\": \""
            + IMAGE.toUri()
            + "\"}\n{\"image\": \""
            + dataUri("image/png;base64")
            + "\"}\n{\"image\": \"-\"}\n";
    List<JsonNode> plain = Run.with(requests, "batch", "--model", MODEL).json();
    assertThat(plain.get(1).get("token_ids")).isEqualTo(plain.get(0).get("token_ids"));
    assertThat(plain.get(1).get("image").textValue()).isEqualTo("data:image/png;base64,…");
    assertThat(plain.get(2).get("error").textValue()).contains("image (-) must be a file");
    for (Charset charset :
        List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      Run marked = withInput(("\uFEFF" + requests).getBytes(charset), "batch", "--model", MODEL);
      assertThat(marked.json()).isEqualTo(plain);
    }
  }

  @Test
  void linesWaitForNoByteThatNeedNotCome() throws IOException {
    assertThat(new Lines(new ByteArrayInputStream(new byte[0])).next()).isNull();
    for (String text : List.of("\n", "a\n", "\u00ef\n", "ﻀ\n", "\uFEFF\n")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      InputStream oneLine =
          new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
              if (at == bytes.length) {
                throw new IOException("read beyond the line");
              }
              return bytes[at++] & 0xff;
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
              target[from] = (byte) read();
              return 1;
            }
          };
      assertThat(new Lines(oneLine).next()).isEqualTo(text.strip().replace("\uFEFF", ""));
    }
  }

  @Test
  void theLimitOfPixelsCanBeSet() {
    Run small = Run.of("caption", "--model", MODEL, "--max-pixels", "100", IMAGE.toString());
    assertThat(small.status()).isEqualTo(1);
    assertThat(small.err()).contains("at most 100 pixels");
    Run none = Run.of("caption", "--model", MODEL, "--max-pixels", "0", IMAGE.toString());
    assertThat(none.err()).contains("maxPixels (0) must be at least 1");
  }

  /** Beyond the longest string that the JSON library takes of itself. */
  @Test
  void batchTakesALargeImage() throws IOException {
    byte[] image = Arrays.copyOf(Files.readAllBytes(IMAGE), 16_000_000);
    String uri = "data:;base64," + Base64.getEncoder().encodeToString(image);
    Run run = Run.with("{\"image\": \"" + uri + "\"}\n", "batch", "--model", MODEL);
    assertThat(run.status()).as(run.out()).isEqualTo(0);
    assertThat(run.json().get(0).get("text").textValue())
        .isEqualTo(Run.of("caption", "--model", MODEL, IMAGE.toString()).out().strip());
  }

  @Test
  void aLineThatIsTooLongIsSkipped() throws IOException {
    byte[] text = "12345\r\n123456\r\n\n\r12\r123456\n1".getBytes(StandardCharsets.UTF_8);
    Lines lines = new Lines(new ByteArrayInputStream(text), 5);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      try {
        found.add(lines.next());
      } catch (IllegalArgumentException e) {
        found.add(String.valueOf(e.getMessage()).replaceAll("[^0-9]+", " ").strip());
      }
    }
    assertThat(found).containsExactly("12345", "5 6", "", "", "12", "5 6", "1", null);
  }

  @Test
  void batchGoesOnBehindALineThatIsTooLong() throws IOException {
    String tooLong = "x".repeat(100_000);
    InputStream input =
        new ByteArrayInputStream((tooLong + "\n\n{}").getBytes(StandardCharsets.UTF_8));
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(new BatchCommand(new Lines(input, 50_000)));
    assertThat(line.setOut(new PrintWriter(out)).execute()).isEqualTo(1);
    assertThat(out.toString().lines())
        .satisfiesExactly(
            first -> assertThat(first).contains("at most 50000 characters", "found 100000"),
            second -> assertThat(second).contains("image: expected a string, found nothing"));
  }

  /** Texts come from users: none of them is the name of a file whose contents are arguments. */
  @Test
  void aTextMayBeginWithAnAtSign() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "hidden words");
    String at = "@" + secret;
    String image = IMAGE.toString();
    Run run = Run.of("rank", "--model", MODEL, "--json", image, at);
    assertThat(run.json().get(0).get("candidates").get(0).textValue()).isEqualTo(at);
  }

  @Test
  void clearKeepsWhatIsNoNumber() {
    for (String keep : List.of("NaN", "-1")) {
      Run run = Run.of("cache", "clear", "--keep=" + keep);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).startsWith("blip2: --keep (" + keep).contains("must be at least 0");
    }
  }

  /** The list of commands shows the first line of each description. */
  @Test
  void theListOfCommandsHasWholeSentences() {
    CommandLine program = Main.commandLine();
    for (CommandLine command : program.getSubcommands().values()) {
      assertThat(command.getCommandSpec().usageMessage().description()[0]).endsWith(".");
    }
  }

  /** A checkpoint whose weights cannot be loaded would say so, were it loaded first. */
  @Test
  void slipsAreFoundBeforeAModelIsLoaded() throws IOException {
    Path broken = Fixtures.copy("tiny-opt", folder.resolve("broken"));
    Files.write(broken.resolve("model.safetensors"), new byte[100]);
    String image = IMAGE.toString();
    assertThat(Run.of("caption", "--model", broken.toString(), image).err())
        .contains("model.safetensors");
    for (List<String> slip : slips(image, folder.toString())) {
      List<String> arguments = new ArrayList<>(slip.subList(0, slip.size() - 1));
      int command = arguments.get(0).equals("index") ? 2 : 1;
      arguments.addAll(command, List.of("--model", broken.toString()));
      Run run = Run.on(arguments);
      assertThat(run.status()).as("%s", arguments).isBetween(1, 2);
      assertThat(run.err())
          .as("%s", arguments)
          .contains(slip.get(slip.size() - 1))
          .doesNotContain("model.safetensors");
    }
  }

  /** Commands with a slip each, and what is said about it. */
  private static List<List<String>> slips(String image, String directory) {
    String missing = "none.png: expected an image file, found nothing";
    return List.of(
        List.of("caption", "none.png", missing),
        List.of("caption", "none.png", "nowhere.jpg", missing),
        List.of("caption", "--json", "none.png", missing),
        List.of("caption", directory, "a directory"),
        List.of("caption", "file:///none.png", "/" + missing),
        List.of("caption", "file:none", "must name a local file"),
        List.of("caption", "file:///a b.png", "must name a local file: it must be a URI"),
        List.of("caption", "", "image () must be a path: found no letters"),
        List.of("caption", "https://example.com/a.png", "nothing is downloaded"),
        List.of("caption", "data:image/png;base64,%%", "must be a URI"),
        List.of("caption", "data:image/png;base64,A", "expected base64"),
        List.of("caption", "data:image/png", "expected a comma"),
        List.of("caption", "none.safetensors", "none.safetensors"),
        List.of("ask", "none.png", "what?", missing),
        List.of("ask", "--template", "no hole", image, "what?", "exactly one {}"),
        List.of("ask", "--preset", "best", image, "what?", "preset (best)"),
        List.of("rank", "none.png", "a", missing),
        List.of("match", "none.png", "a", missing),
        List.of("embed", "--image", "none.png", missing),
        List.of("encode", "--out", "x.safetensors", "none.png", missing),
        List.of("encode", "--out", directory, image, "must be a file"),
        List.of("quality", "--precision", "int8", image, "none.png", missing),
        List.of("quality", "--precision", "int3", image, "precision (int3)"),
        List.of("index", "add", "--index", directory + "/i", "none.png", missing),
        List.of("index", "search", "--index", directory, "--image", "none.png", missing),
        List.of("index", "search", "--index", directory, "--rerank", "-1", "a", "--rerank (-1)"),
        List.of(
            "index", "search", "--index", directory, "--rerank", "2", "--image", image, "(2) must"),
        List.of("index", "search", "--index", directory + "/i", "a", "/i: expected an index"),
        List.of("index", "delete", "--index", directory + "/i", "a", "/i: expected an index"),
        List.of("chat", "none.png", missing),
        List.of("chat", "-", "standard input has something else"),
        List.of("chat", "--chat-template", "haiku", image, "template (haiku)"),
        List.of("chat", "--num-beams", "3", image, "must be 1 for a conversation"),
        List.of("chat", "--preset", "lavis-vqa-opt", image, "num_beams (5)"),
        List.of("chat", "--do-sample", "--num-return-sequences", "2", image, "sequences (2)"),
        List.of("caption", "--stream", "--num-beams", "2", image, "num_beams (2)"),
        List.of("caption", "--stream", "--preset", "nocaps", image, "num_beams (5)"),
        List.of("caption", "--stream", "--json", image, "--stream (true)"),
        List.of("caption", "--top-p", "2", "--do-sample", image, "top_p (2.0)"),
        List.of("caption", "--device", "gpu", image, "device (gpu)"),
        List.of("caption", "--threads", "0", image, "threads (0)"),
        List.of("caption", "--precision", "int3", image, "precision (int3)"));
  }

  /** Nothing is loaded for requests that cannot be understood. */
  @Test
  void aBatchOfSlipsLoadsNoModel() throws IOException {
    String requests =
        "{\"task\": \"dance\", \"image\": \""
            + IMAGE
            + "\"}\n"
            + "{\"image\": \"none.png\"}\n{\"image\": \""
            + IMAGE
            + "\", \"num_beams\": 0}\n";
    Run run = Run.with(requests, "batch", "--model", "/no/such/model");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
    assertThat(run.json()).hasSize(3);
    assertThat(run.json().get(0).get("error").textValue()).contains("found dance");
    Run loads = Run.with("{\"image\": \"" + IMAGE + "\"}\n", "batch", "--model", "/no/such/model");
    assertThat(loads.err()).contains("/no/such/model");
    assertThat(loads.out()).isEmpty();
  }
}
