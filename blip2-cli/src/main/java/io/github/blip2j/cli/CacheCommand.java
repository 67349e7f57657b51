package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.PreparedFiles;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 cache list|clear} */
@Command(
    name = "cache",
    description = "The files that were derived from checkpoints, such as quantised weights.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class CacheCommand {
  @Spec CommandSpec spec;

  private static PreparedFiles files() {
    return PreparedFiles.in(Blip2.defaultCacheDirectory());
  }

  @Command(
      name = "list",
      description = "Lists them, the most recently used first.",
      mixinStandardHelpOptions = true)
  int list() {
    PrintWriter out = spec.commandLine().getOut();
    List<PreparedFiles.Entry> entries = files().entries();
    for (PreparedFiles.Entry entry : entries) {
      String about =
          entry.about().getOrDefault("stage", "")
              + " of "
              + entry.about().getOrDefault("checkpoint", "unknown");
      out.printf(
          Locale.ROOT,
          "%8.3f GB  %s  %s  %s%n",
          entry.bytes() / 1e9,
          entry.lastUsed(),
          about,
          entry.path());
    }
    out.printf(Locale.ROOT, "%8.3f GB in %d files%n", total(entries) / 1e9, entries.size());
    out.flush();
    return 0;
  }

  private static long total(List<PreparedFiles.Entry> entries) {
    return entries.stream().mapToLong(PreparedFiles.Entry::bytes).sum();
  }

  @Command(
      name = "clear",
      description = "Deletes them; they are made anew when they are needed.",
      mixinStandardHelpOptions = true)
  int clear(
      @Option(
              names = "--keep",
              paramLabel = "GB",
              defaultValue = "0",
              description = "Keep the most recently used up to so much (default: 0).")
          double keep) {
    if (!(keep >= 0)) {
      throw new IllegalArgumentException("--keep (" + keep + ") must be at least 0");
    }
    long deleted = files().trim((long) (keep * 1e9));
    spec.commandLine().getOut().printf(Locale.ROOT, "%.3f GB deleted%n", deleted / 1e9);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
