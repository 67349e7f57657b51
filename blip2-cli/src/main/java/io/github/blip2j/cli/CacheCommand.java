package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.PreparedFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 cache list|clear} */
@Command(
    name = "cache",
    description = {
      "The files that were derived from checkpoints, such as quantised weights.",
      "And the engines' native libraries, which are unpacked from their jars."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 cache list"})
@SuppressWarnings("NullAway.Init")
final class CacheCommand {
  private final Supplier<Path> place;

  @Spec CommandSpec spec;

  CacheCommand() {
    this(Blip2::defaultCacheDirectory); // looked for when it is needed, not by every command
  }

  /** Of another cache folder. */
  CacheCommand(Supplier<Path> place) {
    this.place = place;
  }

  @Command(
      name = "list",
      description = {
        "Lists them, the most recently used first.",
        "Native libraries come last, with the time at which they were unpacked."
      },
      mixinStandardHelpOptions = true,
      footer = {"", "Example:", "  blip2 cache list --json"})
  int list(
      @Option(names = "--json", description = "Print a JSON object a file or folder.")
          boolean json) {
    PrintWriter out = spec.commandLine().getOut();
    Path folder = place.get();
    long bytes = 0;
    int files = 0;
    for (PreparedFiles.Entry entry : PreparedFiles.in(folder).entries()) {
      String about =
          entry.about().getOrDefault("stage", "")
              + " of "
              + entry.about().getOrDefault("checkpoint", "unknown");
      line(json, entry.bytes(), entry.lastUsed(), about, entry.path());
      bytes += entry.bytes();
      files++;
    }
    for (NativeFolder natives : NativeFolder.in(folder)) {
      String about = "native libraries of " + natives.engine();
      line(json, natives.bytes(), natives.unpacked(), about, natives.path());
      bytes += natives.bytes();
      files += natives.files();
    }
    if (!json) {
      out.printf(Locale.ROOT, "%8.3f GB in %d files%n", bytes / 1e9, files);
    }
    out.flush();
    return 0;
  }

  private void line(boolean json, long bytes, Instant time, String about, Path path) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode node = Output.MAPPER.createObjectNode();
      node.put("bytes", bytes).put("time", time.toString()).put("about", about);
      out.println(node.put("path", path.toString()));
    } else {
      Instant second = time.truncatedTo(ChronoUnit.SECONDS);
      out.printf(Locale.ROOT, "%8.3f GB  %s  %s  %s%n", bytes / 1e9, second, about, path);
    }
  }

  @Command(
      name = "clear",
      description = "Deletes them; they are made anew when they are needed.",
      mixinStandardHelpOptions = true,
      footer = {"", "Example:", "  blip2 cache clear --keep 20"})
  int clear(
      @Option(
              names = "--keep",
              paramLabel = "GB",
              defaultValue = "0",
              description = {
                "Keep the most recently used up to so much, and all native libraries",
                "(default: 0, which keeps nothing)."
              })
          double keep,
      @Option(names = "--json", description = "Print a JSON object.") boolean json) {
    if (!(keep >= 0)) {
      throw new IllegalArgumentException("--keep (" + keep + ") must be at least 0");
    }
    Path folder = place.get();
    long deleted = PreparedFiles.in(folder).trim((long) (keep * 1e9));
    if (keep == 0) {
      for (NativeFolder natives : NativeFolder.in(folder)) {
        deleted += delete(natives);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Output.MAPPER.createObjectNode().put("deleted_bytes", deleted));
    } else {
      out.printf(Locale.ROOT, "%.3f GB deleted%n", deleted / 1e9);
    }
    out.flush();
    return 0;
  }

  /** Libraries that came with a container's image, or are somebody else's, stay. */
  private long delete(NativeFolder natives) {
    if (!natives.deletable()) {
      spec.commandLine().getErr().println(natives.path() + ": kept: this user cannot write to it");
      spec.commandLine().getErr().flush();
      return 0;
    }
    natives.delete();
    return natives.bytes();
  }
}
