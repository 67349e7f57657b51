package io.github.blip2j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every public member of the public packages is documented, every parameter and result too. The
 * build's own doclint leaves "missing" out, because in a compact constructor it demands the
 * record's parameters again.
 */
class DocumentationTest {
  private static final Pattern EXPORT = Pattern.compile("exports ([\\w.]+);");

  /** Whatever the module exports, comma-separated. */
  private static String packages() throws IOException {
    String module = Files.readString(Path.of("src/main/java/module-info.java"));
    List<String> names = EXPORT.matcher(module).results().map(m -> m.group(1)).toList();
    assertThat(names).hasSizeGreaterThan(10);
    return String.join(",", names);
  }

  @TempDir Path output;

  @Test
  void nothingPublicIsUndocumented() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<Path> sources;
    try (var walk = Files.walk(Path.of("src/main/java"))) {
      sources =
          walk.filter(f -> f.toString().endsWith(".java"))
              .filter(f -> !f.endsWith("module-info.java"))
              .toList();
    }
    assertThat(sources).hasSizeGreaterThan(60);
    try (StandardJavaFileManager files = compiler.getStandardFileManager(found, null, null)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-d",
              output.toString(),
              "-cp",
              System.getProperty("java.class.path"),
              "-Xmaxwarns",
              "1000",
              "-Xdoclint:all/protected",
              "-Xdoclint/package:" + packages());
      boolean compiled =
          compiler
              .getTask(
                  null, files, found, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as("%s", found.getDiagnostics()).isTrue();
    }
    assertThat(undocumented(found)).isEmpty();
  }

  private static List<String> undocumented(DiagnosticCollector<JavaFileObject> found)
      throws IOException {
    List<String> missing = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> d : found.getDiagnostics()) {
      if (d.getKind() == Diagnostic.Kind.NOTE || d.getSource() == null) {
        continue;
      }
      String[] lines = d.getSource().getCharContent(true).toString().split("\n", -1);
      String line = lines[(int) d.getLineNumber() - 1].strip();
      boolean compact = line.matches("public [A-Z]\\w* \\{");
      if (!compact || !d.getMessage(null).contains("no @param")) {
        missing.add(d.getSource().getName() + ":" + d.getLineNumber() + " " + d.getMessage(null));
      }
    }
    return missing;
  }
}
