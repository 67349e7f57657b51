package io.github.blip2j.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A Java process with an environment of its own.
 *
 * @param folder of its output
 * @param prefix of the command line, such as a tracer
 * @param environment besides this process' own
 * @param options of the virtual machine
 */
public record ChildJvm(
    Path folder, List<String> prefix, Map<String, String> environment, List<String> options) {

  /** For processes that are short: what is compiled well costs more than it saves. */
  public static final List<String> SHORT_LIVED =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  /**
   * What a process said.
   *
   * @param status its exit status
   * @param out standard output
   * @param err standard error
   */
  record Result(int status, String out, String err) {}

  /** This process' class path without the modules of these names. */
  static String classPathWithout(String... modules) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> Arrays.stream(modules).noneMatch(entry::contains))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Whether a command can be run here and exits with 0. */
  static boolean works(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A process that is not started yet. */
  ProcessBuilder builder(String classPath, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(SHORT_LIVED);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder;
  }

  Result run(String classPath, Class<?> main, List<String> arguments) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        builder(classPath, main, arguments)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(emptyFile()))
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Result(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private File emptyFile() throws IOException {
    Path empty = folder.resolve("in.txt");
    Files.write(empty, new byte[0]);
    return empty.toFile();
  }
}
