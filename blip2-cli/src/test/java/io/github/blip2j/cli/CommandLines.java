package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A program that runs the command lines of its standard input, each an array of JSON in a line, and
 * prints what each said and its status as an object.
 */
public final class CommandLines {
  private CommandLines() {}

  /** Arguments: none. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Run run = Run.of(Output.MAPPER.readValue(line, String[].class));
      ObjectNode said = Output.MAPPER.createObjectNode();
      said.put("status", run.status()).put("out", run.out()).put("err", run.err());
      out.println(said);
    }
  }
}
