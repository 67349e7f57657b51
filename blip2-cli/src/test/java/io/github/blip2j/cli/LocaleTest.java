package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.host.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that a command writes depends on the language of the process that it runs in. Persian has
 * digits, signs and dates of its own, so that whatever is formatted shows; Turkish has letters that
 * change otherwise between large and small.
 */
class LocaleTest {
  @TempDir Path folder;

  /** Every command's output in a process that was started with a language, then in others. */
  private List<String> said(String language, String country, List<String> others) throws Exception {
    Path out = folder.resolve(language + ".txt");
    Path err = folder.resolve(language + ".err");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.addAll(List.of("-Duser.language=" + language, "-Duser.country=" + country));
    command.addAll(List.of("-Dfile.encoding=UTF-8", "-cp", System.getProperty("java.class.path")));
    command.add(CommandsInALanguage.class.getName());
    command.addAll(List.of(folder.resolve(language).toString(), "-"));
    command.addAll(others);
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    List<String> turns = CommandsInALanguage.turns(Files.readString(out, StandardCharsets.UTF_8));
    assertThat(turns).hasSize(1 + others.size());
    return turns;
  }

  @Test
  void everyCommandSaysTheSameInEveryLanguage() throws Exception {
    List<String> persian = said("fa", "IR", List.of("en-US"));
    String english = persian.get(1);
    assertThat(english.lines().filter("status 0"::equals)).hasSizeGreaterThan(25);
    assertThat(english.lines().filter("status 2"::equals)).isEmpty();
    assertThat(english).contains("onnx int8: 2 texts").contains("djl on cpu: ok");
    assertThat(persian.get(0)).isEqualTo(english);
    assertThat(said("tr", "TR", List.of())).containsExactly(english);
  }
}
