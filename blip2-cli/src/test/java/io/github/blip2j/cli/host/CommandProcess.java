package io.github.blip2j.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.cli.CommandLines;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Commands one after the other in one process with an environment of its own. */
final class CommandProcess implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path log;
  private final Process process;
  private final BufferedWriter commands;
  private final BufferedReader answers;

  /**
   * Starts it.
   *
   * @param jvm whose folder has what it says beside its answers
   */
  CommandProcess(ChildJvm jvm) throws IOException {
    this.log = jvm.folder().resolve("commands.log");
    this.process =
        jvm.builder(ChildJvm.classPathWithout(), CommandLines.class, List.of())
            .redirectError(log.toFile())
            .start();
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** What a command said. */
  ChildJvm.Result run(String... arguments) throws IOException {
    commands.write(MAPPER.writeValueAsString(arguments));
    commands.newLine();
    commands.flush();
    String answer = answers.readLine();
    assertThat(answer).as("an answer; %s", Files.readString(log)).isNotNull();
    JsonNode said = MAPPER.readTree(answer);
    return new ChildJvm.Result(
        said.get("status").intValue(), said.get("out").textValue(), said.get("err").textValue());
  }

  /** Ends it with its input. */
  @Override
  public void close() throws IOException {
    commands.close();
    answers.close();
    process.destroyForcibly();
  }
}
