package io.github.blip2j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Files stay short enough to be read at once; of every module beside this one, integrations too.
 */
class SourceBudgetTest {
  private static List<Path> mainFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    Path root = Path.of("..").toRealPath();
    for (Path folder : List.of(root, root.resolve("integrations"))) {
      try (var modules = Files.newDirectoryStream(folder, "blip2-*")) {
        for (Path module : modules) {
          Path main = module.resolve("src/main/java");
          if (Files.isDirectory(main)) {
            try (var walk = Files.walk(main)) {
              walk.filter(f -> f.toString().endsWith(".java")).forEach(files::add);
            }
          }
        }
      }
    }
    return files;
  }

  @Test
  void filesAreShort() throws IOException {
    List<Integer> lengths = new ArrayList<>();
    for (Path file : mainFiles()) {
      int lines = Files.readAllLines(file).size();
      assertThat(lines).as("lines of %s", file).isLessThanOrEqualTo(500);
      lengths.add(lines);
    }
    assertThat(lengths).hasSizeGreaterThan(90);
    lengths.sort(null);
    assertThat(lengths.get(lengths.size() / 2)).as("median").isLessThanOrEqualTo(90);
    assertThat(lengths.get(lengths.size() * 9 / 10)).as("90th percentile").isLessThanOrEqualTo(300);
  }

  @Test
  void methodsAreShort() throws IOException {
    int methods = 0;
    for (Path file : mainFiles()) {
      List<String> lines = Files.readAllLines(file);
      int start = -1;
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        // A member of a top-level class is indented by two, of a nested one by four.
        if (start < 0 && isMethodStart(line)) {
          start = i;
        } else if (line.matches("( {2}| {4})\\}")
            && start >= 0
            && indent(line) == indent(lines.get(start))) {
          methods++;
          assertThat(i - start + 1).as("%s:%d", file, start + 1).isLessThanOrEqualTo(40);
          start = -1;
        }
      }
    }
    assertThat(methods).isGreaterThan(300);
  }

  private static boolean isMethodStart(String line) {
    return line.matches("( {2}| {4})[\\w<].*(\\(|\\) \\{|\\) throws .*\\{)")
        && line.contains("(") // else it is the end of a record's header
        && !line.contains(" = ")
        && !line.matches(" *[A-Z][A-Z0-9_]*\\(.*") // a constant of an enum
        && !line.matches(
            " *(return|throw|if|for|while|try|switch) .*") // statements of a short indent
        && !line.matches(".* (class|record|enum|interface) .*");
  }

  private static int indent(String line) {
    return line.length() - line.stripLeading().length();
  }
}
