package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * One run of the program within this process.
 *
 * @param status what it would exit with
 * @param out standard output
 * @param err standard error
 */
record Run(int status, String out, String err) {
  static Run of(String... arguments) {
    return with("", arguments);
  }

  static Run with(String input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return on(List.of(arguments));
    } finally {
      System.setIn(before);
    }
  }

  /** On the standard input that there is. */
  static Run on(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = arguments.toArray(String[]::new);
    CommandLine line =
        Main.commandLine(all).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = Main.run(line, all);
    return new Run(status, out.toString(), err.toString());
  }

  List<JsonNode> json() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(Output.MAPPER.readTree(line));
    }
    return lines;
  }
}
