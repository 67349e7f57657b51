package io.github.blip2j.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What this process may use of its machine, as far as the system says it: a container's limits, and
 * those of the groups that it lies in, are what there is.
 */
final class Machine {
  private static final Path PROCESS = Path.of("/proc/self");
  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final String ALLOWED = "Cpus_allowed_list:";

  private Machine() {}

  /**
   * Cores: two threads of one core share what multiplies, and slow each other down. Where the
   * system does not tell, processors. A part of a processor's time counts as a whole one.
   */
  static int cores() {
    int processors = Runtime.getRuntime().availableProcessors();
    BitSet allowed =
        lines(PROCESS.resolve("status")).stream()
            .filter(l -> l.startsWith(ALLOWED))
            .findFirst()
            .map(l -> processors(l.substring(ALLOWED.length()).strip()))
            .orElseGet(BitSet::new);
    int cores = cores(lines(CPUS), allowed);
    double quota = Cgroups.of(PROCESS).processorQuota().orElse(processors);
    int most = Math.min(processors, (int) Math.max(1, Math.ceil(quota)));
    return cores > 0 ? Math.min(cores, most) : most;
  }

  /** Numbers such as {@code 0-2,5}; none where the text is not of that kind. */
  static BitSet processors(String list) {
    BitSet processors = new BitSet();
    for (String part : list.split(",")) {
      if (part.matches("\\d{1,6}(-\\d{1,6})?")) {
        String[] ends = part.split("-");
        processors.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
      }
    }
    return processors;
  }

  /**
   * Distinct pairs of socket and core in the text of Linux; 0 if it has none.
   *
   * @param allowed the processors that count; all if it is empty
   */
  static int cores(List<String> lines, BitSet allowed) {
    Set<String> cores = new HashSet<>();
    String socket = "";
    boolean counts = true;
    for (String line : lines) {
      String value = line.substring(line.indexOf(':') + 1).strip();
      if (line.startsWith("processor")) {
        counts = allowed.isEmpty() || processors(value).intersects(allowed);
      } else if (line.startsWith("physical id")) {
        socket = value;
      } else if (line.startsWith("core id") && counts) {
        cores.add(socket + "/" + value);
      }
    }
    return cores.size();
  }

  /**
   * Memory that this process can have without swapping, in bytes: the machine's and, in a
   * container, the least of its groups'. Nothing where the system does not tell.
   */
  static OptionalLong availableMemory() {
    return LongStream.concat(
            availableMemory(lines(MEMORY)).stream(), Cgroups.of(PROCESS).availableMemory().stream())
        .min();
  }

  static OptionalLong availableMemory(List<String> lines) {
    return lines.stream()
        .filter(l -> l.startsWith("MemAvailable:"))
        .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
        .findFirst();
  }

  /** Memory that this process has now, in bytes. Nothing where the system does not tell. */
  static OptionalLong residentMemory() {
    return residentMemory(lines(PROCESS.resolve("status")));
  }

  static OptionalLong residentMemory(List<String> lines) {
    return lines.stream()
        .filter(l -> l.startsWith("VmRSS:"))
        .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
        .findFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // as if the system did not tell
    }
  }
}
