package io.github.blip2j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Most types are seen by their own package alone. What counts is every top-level type in the main
 * sources of every module that is a library: exported or internal, contracts and fixtures of the
 * testkit too. Examples, benchmarks, servers and other programs have no users and do not count.
 */
class PublicShareTest {
  private static final List<String> LIBRARIES =
      List.of(
          "blip2-api",
          "blip2-cli",
          "blip2-demo-model",
          "blip2-djl",
          "blip2-onnx",
          "blip2-search",
          "blip2-testkit",
          "blip2-train");

  private static final double MOST = 0.35;

  /** Declared at the left margin, where the formatter puts what is in no other type. */
  private static final Pattern TYPE =
      Pattern.compile(
          "^(?<modifiers>(?:(?:public|final|abstract|sealed|non-sealed) )*)"
              + "(?:class|interface|record|enum|@interface) \\w+",
          Pattern.MULTILINE);

  /** How many types a package has, and how many of them are public. */
  private record Share(int all, int open) {
    Share plus(Share other) {
      return new Share(all + other.all, open + other.open);
    }

    double part() {
      return (double) open / all;
    }
  }

  private static Share of(String source) {
    List<MatchResult> types = TYPE.matcher(source).results().toList();
    long open = types.stream().filter(t -> t.group(1).contains("public ")).count();
    return new Share(types.size(), (int) open);
  }

  private static Map<Path, Share> byPackage() throws IOException {
    Map<Path, Share> shares = new TreeMap<>();
    for (String module : LIBRARIES) {
      Path main = Path.of("..", module, "src", "main", "java");
      List<Path> files = new ArrayList<>();
      try (var walk = Files.walk(main)) {
        walk.filter(f -> f.toString().endsWith(".java"))
            .filter(f -> !f.toString().endsWith("-info.java"))
            .forEach(files::add);
      }
      for (Path file : files) {
        Path room = Path.of(module).resolve(main.relativize(file.getParent()));
        shares.merge(room, of(Files.readString(file)), Share::plus);
      }
    }
    return shares;
  }

  @Test
  void atMostAThirdOrSoIsPublic() throws IOException {
    Map<Path, Share> shares = byPackage();
    Share all = shares.values().stream().reduce(new Share(0, 0), Share::plus);
    assertThat(all.all()).isGreaterThan(450); // else not every module was seen
    assertThat(all.part()).as("%s of %s", all, shares).isLessThanOrEqualTo(MOST);
  }

  @Test
  void typesAreCountedAsTheyAreDeclared() {
    String source =
        """
        /** A public class in words. */
        public final class A {
          public record Nested() {}
        }
        final class B {}
        sealed interface C permits D {}
        public sealed interface D {}
        @interface E {}
        """;
    assertThat(of(source)).isEqualTo(new Share(5, 2));
  }
}
