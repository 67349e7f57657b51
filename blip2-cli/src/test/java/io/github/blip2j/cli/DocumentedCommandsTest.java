package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Commands in the README and the pages have options and arguments that the program has. */
class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern SHELL = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static List<String> commands() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(f -> f.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<String> commands = new ArrayList<>();
    for (Path page : pages) {
      SHELL.matcher(Files.readString(page)).results().forEach(block -> add(block, commands));
    }
    return commands;
  }

  private static void add(MatchResult block, List<String> commands) {
    block
        .group(1)
        .lines()
        .filter(line -> line.startsWith("./blip2 ") && !line.contains("…"))
        .forEach(line -> commands.add(line.replaceAll("[<>#].*", "").strip()));
  }

  @Test
  void theyAreSeen() throws IOException {
    assertThat(commands()).hasSizeGreaterThan(30).anyMatch(c -> c.startsWith("./blip2 mcp "));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theyAreUnderstood(String command) {
    List<String> words = new ArrayList<>();
    WORD.matcher(command)
        .results()
        .forEach(m -> words.add(m.group(1) != null ? m.group(1) : m.group(2)));
    String[] arguments = words.subList(1, words.size()).toArray(String[]::new);
    CommandLine.ParseResult parsed = Main.commandLine(arguments).parseArgs(arguments);
    assertThat(parsed.unmatched()).as(command).isEmpty();
    assertThat(parsed.hasSubcommand()).isTrue();
  }
}
