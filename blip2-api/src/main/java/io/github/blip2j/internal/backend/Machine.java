package io.github.blip2j.internal.backend;

import io.github.blip2j.BackendUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/** What this machine has, as far as the system says it. */
public final class Machine {
  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  /**
   * Cores: two threads of one core share what multiplies, and slow each other down. Where the
   * system does not tell, processors.
   */
  public static int cores() {
    int processors = Runtime.getRuntime().availableProcessors();
    int cores = Files.isReadable(CPUS) ? cores(lines(CPUS)) : 0;
    return cores > 0 ? Math.min(cores, processors) : processors;
  }

  /** Distinct pairs of socket and core in the text of Linux; 0 if it has none. */
  static int cores(List<String> lines) {
    Set<String> cores = new HashSet<>();
    String socket = "";
    for (String line : lines) {
      String value = line.substring(line.indexOf(':') + 1).strip();
      if (line.startsWith("physical id")) {
        socket = value;
      } else if (line.startsWith("core id")) {
        cores.add(socket + "/" + value);
      }
    }
    return cores.size();
  }

  /** Memory that can be had without swapping, in bytes; nothing where the system does not tell. */
  public static OptionalLong availableMemory() {
    return Files.isReadable(MEMORY) ? availableMemory(lines(MEMORY)) : OptionalLong.empty();
  }

  static OptionalLong availableMemory(List<String> lines) {
    return lines.stream()
        .filter(l -> l.startsWith("MemAvailable:"))
        .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
        .findFirst();
  }

  /**
   * Refuses what this machine has no memory for, before anything is loaded.
   *
   * @param backend is named in the message
   * @param needed private bytes; 0 if nobody knows
   * @throws BackendUnavailableException with both figures
   */
  public static void requireMemory(String backend, long needed, OptionalLong available) {
    if (available.isPresent() && needed > available.getAsLong()) {
      throw new BackendUnavailableException(
          String.format(
              Locale.ROOT,
              "%s: expected %.1f GB of memory for the weights, found %.1f GB available; a lower precision or mapped weights need less",
              backend,
              needed / 1e9,
              available.getAsLong() / 1e9));
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // as if the system did not tell
    }
  }
}
