package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java of the guide and of the tasks' pages is code that other tests run, and links lead on.
 */
class PagesTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path SOURCES = Path.of("src/main/java/io/github/blip2j/examples");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(DOCS.resolve("guide.md")));
    try (Stream<Path> tasks = Files.list(DOCS.resolve("tasks"))) {
      tasks.sorted().forEach(pages::add);
    }
    return pages;
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(m -> m.group(1)).toList();
  }

  @Test
  void everyTaskHasItsPage() throws IOException {
    assertThat(pages()).hasSizeGreaterThanOrEqualTo(13);
    String list = Files.readString(DOCS.resolve("tasks/README.md"));
    for (Path page : pages()) {
      String name = page.getFileName().toString();
      assertThat(
              name.equals("README.md")
                  || list.contains("(" + name + ")")
                  || name.equals("guide.md"))
          .as("%s in the list", name)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void itsJavaIsCodeThatRuns(Path page) throws IOException {
    StringBuilder sources = new StringBuilder();
    for (String name : List.of("Tasks", "GuideWalkthrough", "ImageSearch")) {
      sources.append(unindented(Files.readString(SOURCES.resolve(name + ".java")))).append('\n');
    }
    List<String> blocks = found(JAVA, Files.readString(page));
    assertThat(blocks.isEmpty()).isEqualTo(page.endsWith("README.md"));
    for (String block : blocks) {
      assertThat(sources).contains(unindented(block));
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void itsLinksLeadToFiles(Path page) throws IOException {
    for (String link : found(LINK, Files.readString(page))) {
      if (!link.startsWith("https://")) {
        assertThat(page.resolveSibling(link)).exists();
      }
    }
  }
}
