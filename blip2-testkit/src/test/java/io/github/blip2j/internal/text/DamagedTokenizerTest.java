package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In processes of their own: what native code does not bear would end this one. */
class DamagedTokenizerTest {
  private static final Pattern COUNTS = Pattern.compile("refused (\\d+), ran (\\d+)");

  private static final int MUTATIONS = 1000;

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5", "tiny-itm"})
  void damagedTokenizersAreRefusedOrRun(String fixture, @TempDir Path folder)
      throws IOException, InterruptedException {
    Path copy = Fixtures.copy(fixture, folder.resolve("it"));
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dai.djl.offline=true",
            "-XX:ErrorFile=" + folder.resolve("crash.log"),
            "-cp",
            System.getProperty("java.class.path"),
            TokenizerMutations.class.getName(),
            copy.toString(),
            "1",
            String.valueOf(MUTATIONS));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    Matcher counts = COUNTS.matcher(said);
    assertThat(counts.find()).as(said).isTrue();
    assertThat(Integer.parseInt(counts.group(1))).isGreaterThan(MUTATIONS / 4);
    assertThat(Integer.parseInt(counts.group(2))).isPositive();
  }
}
