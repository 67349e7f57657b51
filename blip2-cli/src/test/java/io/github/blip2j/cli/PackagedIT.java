package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.host.ChildJvm;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged program in a process of its own: on the class path and on the module path. */
class PackagedIT {
  private static final Path LIB = Path.of("target", "lib");
  private static final String MAIN = "io.github.blip2j.cli.Main";

  @TempDir Path folder;

  /** PyTorch's native jars name themselves with a hyphen, which no module name may have. */
  private static boolean isNative(Path jar) {
    return jar.getFileName().toString().startsWith("pytorch-native-");
  }

  private static String jars(Predicate<Path> which) throws IOException {
    try (var files = Files.list(LIB)) {
      List<String> jars =
          files
              .filter(f -> f.toString().endsWith(".jar"))
              .filter(which)
              .map(Path::toString)
              .toList();
      assertThat(jars).isNotEmpty();
      return String.join(File.pathSeparator, jars);
    }
  }

  private String run(List<String> javaOptions, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.add("-Dfile.encoding=UTF-8");
    command.add("-Dsun.stdout.encoding=UTF-8");
    command.addAll(javaOptions);
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Path input = folder.resolve("in.txt");
    if (Files.notExists(input)) {
      Files.createFile(input);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectInput(input.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readString(out, StandardCharsets.UTF_8).strip();
  }

  private static String[] caption(Golden.Case golden, String backend) {
    return new String[] {
      "caption",
      "--model",
      Fixtures.directory("tiny-opt").toString(),
      "--backend",
      backend,
      Fixtures.image(golden.images().get(0)).toString()
    };
  }

  private static Golden.Case golden() {
    return new Golden(Fixtures.directory("tiny-opt")).cases("caption").get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void runsOnTheModulePath(String backend) throws Exception {
    List<String> options =
        List.of(
            "-p",
            jars(j -> !isNative(j)),
            "-cp",
            jars(PackagedIT::isNative),
            "-m",
            "io.github.blip2j.cli/" + MAIN);
    assertThat(run(options, caption(golden(), backend))).isEqualTo(golden().texts().get(0));
  }

  /** The protocol's library is no module, and what it needs must be there all the same. */
  @Test
  void hasItsToolsOnTheModulePath() throws Exception {
    Files.writeString(
        folder.resolve("in.txt"),
        McpCommandTest.tools()
            + "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":"
            + "\"caption_image\",\"arguments\":{\"image\":\"scene-00.png\"}}}\n");
    List<String> options =
        List.of(
            "-p",
            jars(j -> !isNative(j)),
            "-cp",
            jars(PackagedIT::isNative),
            "-m",
            "io.github.blip2j.cli/" + MAIN);
    String samples = Path.of("..", "samples").toString();
    String caption = run(options, "caption", "--backend", "onnx", samples + "/scene-00.png");
    assertThat(run(options, "mcp", "--backend", "onnx", samples))
        .contains("\"search_images\"")
        .contains("\"text\":\"" + caption + "\"");
  }

  /**
   * On the class path; Java programs have long ones, and native libraries have been known to crash
   * on them.
   */
  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void runsBehindALongCommandLine(String backend) throws Exception {
    List<String> options = List.of("-Dlong=" + "a".repeat(20_000), "-cp", jars(j -> true), MAIN);
    assertThat(run(options, caption(golden(), backend))).isEqualTo(golden().texts().get(0));
  }

  /** With one backend on the class path, it is the one that is used. */
  @Test
  void oneBackendIsEnough() throws Exception {
    for (String other : List.of("blip2-onnx", "blip2-djl")) {
      String jars = jars(j -> !j.getFileName().toString().startsWith(other));
      List<String> options = List.of("-cp", jars, MAIN);
      String[] arguments = {
        "caption",
        "--model",
        Fixtures.directory("tiny-opt").toString(),
        Fixtures.image(golden().images().get(0)).toString()
      };
      assertThat(run(options, arguments)).isEqualTo(golden().texts().get(0));
    }
  }
}
