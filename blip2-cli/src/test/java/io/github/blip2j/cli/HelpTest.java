package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command explains itself with an example that works. */
class HelpTest {
  private static final CommandLine ALL = Main.commandLine();
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private static Stream<String> commands() {
    return below(ALL);
  }

  private static Stream<String> below(CommandLine line) {
    return Stream.concat(
        Stream.of(line.getCommandSpec().qualifiedName()),
        line.getSubcommands().values().stream().flatMap(HelpTest::below));
  }

  private static String[] words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }
    return words.toArray(String[]::new);
  }

  private static CommandLine named(String command) {
    CommandLine line = ALL;
    for (String name : words(command)) {
      line = line.getSubcommands().getOrDefault(name, line);
    }
    return line;
  }

  @Test
  void allCommandsAreSeen() {
    assertThat(commands()).hasSizeGreaterThan(17).contains("blip2", "blip2 index search");
  }

  /** Up to a redirection, the options and arguments of an example are those of a command. */
  @ParameterizedTest
  @MethodSource("commands")
  void examplesAreUnderstood(String command) {
    String[] names = words(command);
    String[] help = new String[names.length];
    System.arraycopy(names, 1, help, 0, names.length - 1);
    help[names.length - 1] = "--help";
    Run run = Run.of(help);
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Example:").contains("--verbose");
    assertThat(run.out()).as("alone as among all").isEqualTo(named(command).getUsageMessage());
    String example = run.out().substring(run.out().indexOf("Example:"));
    List<String> lines =
        example.lines().map(String::strip).filter(l -> l.contains("blip2 ")).toList();
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      String plain =
          line.replace("Example: ", "").replace("source <(", "").replaceAll("[<>)].*", "").strip();
      String[] arguments = words(plain.substring("blip2 ".length()));
      CommandLine.ParseResult parsed = Main.commandLine(arguments).parseArgs(arguments);
      assertThat(parsed.unmatched()).as(line).isEmpty();
      assertThat(plain).startsWith(command);
    }
  }

  /** What is not already JSON, a server, or a program for a shell, can be. */
  @ParameterizedTest
  @MethodSource("commands")
  void resultsCanBeJson(String command) {
    CommandLine line = named(command);
    boolean group = !line.getSubcommands().isEmpty();
    boolean other =
        List.of("blip2 batch", "blip2 completion", "blip2 index export", "blip2 mcp", "blip2 serve")
            .contains(command);
    assertThat(line.getCommandSpec().findOption("--json") != null)
        .as(command)
        .isEqualTo(!group && !other);
  }

  /** What does not begin with a command's name, or looks at all commands, has them all. */
  @Test
  void oneCommandIsReadForItselfAlone() {
    for (String[] one : List.of(words("caption a.png"), words("--verbose caption index"))) {
      assertThat(Main.commandLine(one).getSubcommands()).containsOnlyKeys("caption");
    }
    for (String[] all :
        List.of(words("--help"), words(""), words("captoin"), words("completion"))) {
      assertThat(Main.commandLine(all).getSubcommands().keySet())
          .containsExactlyElementsOf(ALL.getSubcommands().keySet());
    }
  }

  @Test
  void theShellKnowsCommandsAndOptions() {
    Run run = Run.of("completion");
    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("#!/usr/bin/env bash");
    assertThat(run.out()).contains("_picocli_blip2_caption", "--max-new-tokens", "index_search");
    ALL.getSubcommands().keySet().forEach(c -> assertThat(run.out()).contains("blip2_" + c));
    assertThat(run.err()).isEmpty();
  }
}
