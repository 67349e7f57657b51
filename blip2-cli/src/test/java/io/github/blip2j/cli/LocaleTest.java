package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.host.ChildJvm;
import java.io.IOException;
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

  /** Every command in a process that is started with a language, then in others. */
  private Process started(String language, String country, String... others) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.addAll(List.of("-Duser.language=" + language, "-Duser.country=" + country));
    command.addAll(List.of("-Dfile.encoding=UTF-8", "-cp", System.getProperty("java.class.path")));
    command.add(CommandsInALanguage.class.getName());
    command.addAll(List.of(folder.resolve(language).toString(), "-"));
    command.addAll(List.of(others));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve(language + ".txt").toFile())
        .redirectError(folder.resolve(language + ".err").toFile())
        .start();
  }

  /** What the commands said, in each language by itself. */
  private List<String> said(Process process, String language) throws Exception {
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue())
        .as(Files.readString(folder.resolve(language + ".err")))
        .isZero();
    return CommandsInALanguage.turns(Files.readString(folder.resolve(language + ".txt")));
  }

  @Test
  void everyCommandSaysTheSameInEveryLanguage() throws Exception {
    Process inTurkish = started("tr", "TR");
    Process inPersian = started("fa", "IR", "en-US");
    try {
      List<String> persian = said(inPersian, "fa");
      assertThat(persian).hasSize(2);
      String english = persian.get(1);
      assertThat(english.lines().filter("status 0"::equals)).hasSizeGreaterThan(20);
      assertThat(english.lines().filter("status 2"::equals)).isEmpty();
      assertThat(english)
          .contains("onnx int8: 2 texts", "djl int8: 2 texts")
          .contains("djl on cpu: ok");
      assertThat(persian.get(0)).isEqualTo(english);
      assertThat(said(inTurkish, "tr")).containsExactly(english);
    } finally {
      inTurkish.destroyForcibly();
      inPersian.destroyForcibly();
    }
  }
}
