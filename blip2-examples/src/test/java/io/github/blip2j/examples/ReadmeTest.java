package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is the code that is compiled and run here, and its paths exist. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @TempDir Path folder;

  private static List<String> matches(String pattern, String text) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void javaBlocksAreTheExample() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    Path sources = Path.of("src/main/java/io/github/blip2j/examples");
    String example =
        unindented(
            Files.readString(sources.resolve("QuickStart.java"))
                + Files.readString(sources.resolve("SearchExample.java")));
    List<String> blocks = matches("```java\n(.*?)```", readme);
    assertThat(blocks).hasSize(6);
    for (String block : blocks) {
      assertThat(example).contains(unindented(block));
    }
  }

  @Test
  void linksLeadToFiles() throws IOException {
    List<String> links = matches("\\]\\(([^)#]+)\\)", Files.readString(ROOT.resolve("README.md")));
    assertThat(links).hasSizeGreaterThan(3);
    for (String link : links) {
      assertThat(ROOT.resolve(link)).exists();
    }
    assertThat(ROOT.resolve("samples/scene-00.png")).exists();
  }

  @Test
  void theExampleRuns() {
    QuickStart.main(
        new String[] {
          Fixtures.directory("tiny-opt").toString(), Fixtures.image("photo.jpg").toString()
        });
    SearchExample.main(
        new String[] {
          Fixtures.directory("tiny-itm").toString(),
          Fixtures.image("photo.jpg").toString(),
          folder.toString()
        });
  }
}
