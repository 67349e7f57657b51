package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.host.ChildJvm;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with the packaged program behind it, in a folder that looks like this project. */
class LauncherIT {
  private static final Path LIB = Path.of("target", "lib").toAbsolutePath();

  @TempDir Path folder;
  private Path root;
  private Path image;
  private String text;

  private record Result(int status, String out, String err) {}

  @BeforeEach
  void makeProject() throws IOException {
    root = Files.createDirectories(folder.resolve("my pröject (1)"));
    Files.copy(Path.of("..", "blip2"), root.resolve("blip2"));
    assertThat(root.resolve("blip2").toFile().setExecutable(true)).isTrue();
    Files.createFile(root.resolve("pom.xml"));
    Path module = root.resolve("blip2-cli");
    Files.createDirectories(module.resolve("src/main"));
    Files.createFile(module.resolve("pom.xml"));
    Files.createDirectories(module.resolve("target"));
    Files.createSymbolicLink(module.resolve("target/lib"), LIB);
    Path stamp = Files.createFile(module.resolve("target/built"));
    Files.setLastModifiedTime(
        stamp, FileTime.fromMillis(Files.getLastModifiedTime(stamp).toMillis() + 60_000));
    Golden.Case golden = new Golden(Fixtures.directory("tiny-opt")).cases("caption").get(0);
    image = Files.copy(Fixtures.image(golden.images().get(0)), folder.resolve("an ímage.bin"));
    text = golden.texts().get(0) + "\n";
  }

  /**
   * Runs a line of shell, in which {@code $LAUNCHER}, {@code $MODEL} and {@code $IMAGE} are set.
   */
  private Result shell(String line, Map<String, String> environment) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", line);
    Map<String, String> variables = builder.environment();
    List.of("LANG", "LC_ALL", "LC_CTYPE").forEach(variables::remove);
    variables.put("LC_ALL", "C.UTF-8");
    variables.put("JAVA_HOME", System.getProperty("java.home"));
    variables.put("LAUNCHER", root.resolve("blip2").toString());
    variables.put("MODEL", Fixtures.directory("tiny-opt").toString());
    variables.put("IMAGE", image.toString());
    if (!line.contains("--version")) { // which shows that there need be no options
      variables.put("JAVA_OPTS", String.join(" ", ChildJvm.SHORT_LIVED));
    }
    variables.putAll(environment);
    Process process =
        builder
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as(line).isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Result(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private Result shell(String line) throws Exception {
    return shell(line, Map.of());
  }

  @Test
  void itFindsItselfThroughLinks() throws Exception {
    Path links = Files.createDirectories(folder.resolve("some links"));
    Files.createSymbolicLink(links.resolve("absolute"), root.resolve("blip2"));
    Files.createSymbolicLink(links.resolve("relative"), Path.of("../my pröject (1)/blip2"));
    Files.createSymbolicLink(links.resolve("chained"), Path.of("relative"));
    for (String line :
        List.of(
            "'some links/absolute' --version",
            "cd 'some links' && ./chained --version",
            "PATH=\"$PWD/some links:$PATH\" relative --version")) {
      Result result = shell(line);
      assertThat(result.out()).as(line + result.err()).startsWith("blip2 ");
      assertThat(result.status()).isZero();
    }
  }

  /**
   * The wrapper brings Maven to a machine that has none, and stays out of the way of one that has.
   */
  @Test
  void withoutMavenTheWrapperBuilds() throws Exception {
    Files.delete(root.resolve("blip2-cli/target/built"));
    Files.delete(root.resolve("blip2-cli/target/lib")); // the link, which a build begins anew
    Path tools = Files.createDirectories(folder.resolve("tools"));
    program(root.resolve("mvnw"), "echo wrapped \"$@\"; exit 3");
    String few =
        "for t in sh dirname readlink find rm mkdir mv locale; do"
            + " ln -sf \"$(command -v $t)\" tools/; done; PATH=\"$PWD/tools\" \"$LAUNCHER\"";
    Result without = shell(few);
    assertThat(without.err()).contains("wrapped -q -DskipTests").contains("-pl blip2-cli -am");
    assertThat(without.status()).isEqualTo(3);
    program(tools.resolve("mvn"), "echo installed; exit 4");
    Result with = shell(few);
    assertThat(with.err()).contains("installed").doesNotContain("wrapped");
    assertThat(with.status()).isEqualTo(4);
    assertThat(root.resolve("blip2-cli/target/built")).doesNotExist();
  }

  /** The pauses are far longer than file systems' ticks. */
  @Test
  void whatIsSavedDuringABuildIsBuiltNext() throws Exception {
    Files.delete(root.resolve("blip2-cli/target/built"));
    Path tools = Files.createDirectories(folder.resolve("tools"));
    String save = "sleep 0.1; : >blip2-cli/src/main/Saved.java; sleep 0.1";
    program(tools.resolve("mvn"), "[ -e blip2-cli/src/main/Saved.java ] || { " + save + "; }");
    Files.createDirectories(folder.resolve("java/bin"));
    program(folder.resolve("java/bin/java"), "echo ran");
    Map<String, String> java = Map.of("JAVA_HOME", folder.resolve("java").toString());
    for (boolean builds : List.of(true, true, false)) {
      Result result = shell("PATH=\"$PWD/tools:$PATH\" \"$LAUNCHER\"", java);
      assertThat(result.out()).isEqualTo("ran\n");
      assertThat(result.err().startsWith("Building blip2")).as(result.err()).isEqualTo(builds);
    }
  }

  private static void program(Path file, String shell) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + shell + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** A locale that the machine does not have makes a C program's file names ASCII. */
  @Test
  void lettersBeyondAsciiNeedNoGeneratedLocale() throws Exception {
    String command = "\"$LAUNCHER\" caption --model \"$MODEL\" \"$IMAGE\"";
    for (String locale : List.of("xx_YY.UTF-8", "C", "xx_YY.ISO-8859-1", "C.UTF-8")) {
      Map<String, String> environment = new HashMap<>();
      environment.put("LC_ALL", locale);
      Result result = shell(command, environment);
      assertThat(result.err()).as(locale).isEmpty();
      assertThat(result.out()).as(locale).isEqualTo(text);
    }
  }

  @Test
  void cachesMayLieInFoldersWithSpaces() throws Exception {
    Path sample = Path.of("..", "samples", "scene-00.png").toAbsolutePath();
    String command = "\"$LAUNCHER\" caption --backend onnx --precision int4 \"$IMAGE\"";
    Result result =
        shell(
            command,
            Map.of(
                "BLIP2_CACHE", folder.resolve("a cäche").toString(),
                "IMAGE", sample.toString()));
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out()).isNotBlank();
    assertThat(folder.resolve("a cäche")).isNotEmptyDirectory();
  }

  @Test
  void aFullDiskIsAFailure() throws Exception {
    for (String arguments : List.of("--help", "caption --model \"$MODEL\" \"$IMAGE\"")) {
      Result result = shell("\"$LAUNCHER\" " + arguments + " >/dev/full");
      assertThat(result.status()).as(arguments).isEqualTo(1);
      assertThat(result.err()).isEqualTo("blip2: standard output: No space left on device\n");
    }
  }

  @Test
  void aClosedPipeStopsTheWork() throws Exception {
    String requests =
        "while echo '{\"image\": \"'\"$IMAGE\"'\", \"max_new_tokens\": 1}'; do :; done";
    Result result =
        shell(
            "("
                + requests
                + ") 2>/dev/null | (\"$LAUNCHER\" batch --model \"$MODEL\"; echo $? >status) | head"
                + " -n 1");
    assertThat(result.out().lines()).hasSize(1);
    assertThat(result.err()).isEqualTo("blip2: standard output: Broken pipe\n");
    assertThat(Files.readString(folder.resolve("status")).strip()).isEqualTo("1");
  }

  @Test
  void closedStreamsFailWhereTheyAreNeeded() throws Exception {
    Result unneeded = shell("\"$LAUNCHER\" caption --model \"$MODEL\" \"$IMAGE\" <&-");
    assertThat(unneeded.out()).as(unneeded.err()).isEqualTo(text);
    for (String needing :
        List.of("batch --model \"$MODEL\"", "chat --model \"$MODEL\" \"$IMAGE\"", "caption -")) {
      Result result = shell("\"$LAUNCHER\" " + needing + " <&-");
      assertThat(result.status()).as(needing).isEqualTo(1);
      assertThat(result.err()).as(needing).contains("Bad file descriptor");
    }
    Result unwritten = shell("\"$LAUNCHER\" caption --model \"$MODEL\" \"$IMAGE\" >&-");
    assertThat(unwritten.status()).isEqualTo(1);
    assertThat(unwritten.err()).isEqualTo("blip2: standard output: Bad file descriptor\n");
    Result quiet = shell("\"$LAUNCHER\" caption --model \"$MODEL\" \"$IMAGE\" 2>&-");
    assertThat(quiet.out()).isEqualTo(text);
    assertThat(quiet.status()).isZero();
  }
}
