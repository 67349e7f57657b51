package io.github.blip2j.cli;

import io.github.blip2j.Blip2Builder;
import io.github.blip2j.ModelDownload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Downloads a model where somebody wants it, and asks on a terminal whether somebody does. */
final class DownloadQuestion {
  private static final int STANDARD_INPUT = 0;

  private DownloadQuestion() {}

  /** Whether there is somebody to ask: what is typed and what is shown are both a terminal's. */
  static boolean possible(PrintWriter err) {
    return err instanceof TerminalWriter && TerminalWriter.isTerminal(STANDARD_INPUT);
  }

  /**
   * Asks; the Hub has not been asked for anything yet.
   *
   * @param in is read to the end of a line and not beyond
   */
  static boolean agreed(String model, InputStream in, PrintWriter err) throws IOException {
    err.print(model + " is not on this machine. Download it from the Hugging Face Hub? [y/N] ");
    err.flush();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    String answer = line.toString(StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
    return List.of("y", "yes").contains(answer);
  }

  /** Brings what is not here; says on a terminal how much that is, and how far it is. */
  static String download(String model, Blip2Builder builder, PrintWriter err) {
    try (LoadingBar bar = new LoadingBar(err)) {
      ModelDownload plan = builder.listener(bar).planDownload();
      if (err instanceof TerminalWriter && plan.missingBytes() > 0) {
        err.printf(
            Locale.ROOT,
            "%s: %.2f GB to download, licence: %s; if it is stopped, the next download goes on%n",
            model,
            plan.missingBytes() / 1e9,
            plan.licence().orElse("not named"));
        err.flush();
      }
      return plan.run().toString();
    }
  }
}
