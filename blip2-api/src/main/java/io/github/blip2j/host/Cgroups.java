package io.github.blip2j.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The limits of this process' control groups on Linux, of version 1 and 2: what a container may
 * use. A group is limited by its parents too, as far as they can be seen.
 *
 * @param memory the group that counts memory and its parents, the nearest first
 * @param processors the same for processor time
 */
record Cgroups(List<Group> memory, List<Group> processors) {
  private static final long NO_LIMIT = 1L << 60; // version 1 writes nearly 2^63

  /**
   * One group.
   *
   * @param folder with its files
   * @param version 1 or 2
   */
  record Group(Path folder, int version) {
    /** The numbers in the first line of a file; -1 for {@code max} and where there is none. */
    long number(String file, int index) {
      List<String> lines = lines(folder.resolve(file));
      String[] words = lines.isEmpty() ? new String[0] : lines.get(0).strip().split("\\s+");
      boolean given = words.length > index && words[index].matches("\\d{1,19}");
      return given
          ? new BigInteger(words[index]).min(BigInteger.valueOf(NO_LIMIT)).longValue()
          : -1;
    }

    /** A number of a file with a name and a number in each line; 0 where there is none. */
    long statistic(String file, String name) {
      return lines(folder.resolve(file)).stream()
          .filter(l -> l.startsWith(name + " "))
          .mapToLong(l -> Long.parseLong(l.substring(name.length() + 1).strip()))
          .findFirst()
          .orElse(0);
    }

    /** The limit and what is used of it that cannot be dropped, such as pages of files can. */
    OptionalLong available() {
      long limit =
          version == 1
              ? number("memory.limit_in_bytes", 0)
              : least(number("memory.max", 0), number("memory.high", 0));
      long used = number(version == 1 ? "memory.usage_in_bytes" : "memory.current", 0);
      if (limit < 0 || limit >= NO_LIMIT || used < 0) {
        return OptionalLong.empty();
      }
      String all = version == 1 ? "total_" : "";
      long files =
          statistic("memory.stat", all + "inactive_file")
              + statistic("memory.stat", all + "active_file");
      return OptionalLong.of(Math.max(0, limit - Math.max(0, used - files)));
    }

    /** Processors' worth of time. */
    OptionalDouble quota() {
      long quota = version == 1 ? number("cpu.cfs_quota_us", 0) : number("cpu.max", 0);
      long period = version == 1 ? number("cpu.cfs_period_us", 0) : number("cpu.max", 1);
      return quota > 0 && period > 0
          ? OptionalDouble.of((double) quota / period)
          : OptionalDouble.empty();
    }

    private static long least(long a, long b) {
      return a < 0 ? b : b < 0 ? a : Math.min(a, b);
    }
  }

  /** Bytes that this process may still take; nothing without a limit. */
  OptionalLong availableMemory() {
    return memory.stream().flatMapToLong(g -> g.available().stream()).min();
  }

  /** Processors' worth of time that this process may take; nothing without a limit. */
  OptionalDouble processorQuota() {
    return processors.stream().flatMapToDouble(g -> g.quota().stream()).min();
  }

  /** Where groups are seen: the group {@code root} and those below it, in a folder. */
  private record Mount(String root, Path folder, int version, List<String> controllers) {
    /** A line of {@code mountinfo}, as {@code man 5 proc} has it. */
    static Optional<Mount> of(String line) {
      String[] halves = line.split(" - ", 2);
      String[] first = halves[0].split(" ");
      String[] second = halves.length == 2 ? halves[1].split(" ") : new String[0];
      if (first.length < 5 || second.length < 3 || !second[0].matches("cgroup2?")) {
        return Optional.empty();
      }
      int version = second[0].equals("cgroup") ? 1 : 2;
      String folder = first[4].replace("\\040", " ");
      return Optional.of(
          new Mount(first[3], Path.of(folder), version, List.of(second[2].split(","))));
    }

    /** A group and its parents; one that lies outside is taken as the mounted one. */
    List<Group> groups(String path) {
      String below = path;
      if (!root.equals("/")) {
        boolean inside = path.equals(root) || path.startsWith(root + "/");
        below = inside ? path.substring(root.length()) : "";
      }
      Path at = folder.resolve(below.replaceFirst("^/+", "")).normalize();
      if (!at.startsWith(folder) || !Files.isDirectory(at)) {
        at = folder;
      }
      List<Group> groups = new ArrayList<>();
      for (Path each = at; each != null && each.startsWith(folder); each = each.getParent()) {
        groups.add(new Group(each, version));
      }
      return groups;
    }
  }

  /**
   * Reads them.
   *
   * @param process the process' folder, {@code /proc/self}
   * @return none where the system has none
   */
  static Cgroups of(Path process) {
    Map<String, String> paths = new HashMap<>(); // controller → path; "" for version 2
    for (String line : lines(process.resolve("cgroup"))) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        for (String controller : fields[1].split(",")) {
          paths.put(controller, fields[2]);
        }
      }
    }
    List<Mount> mounts =
        lines(process.resolve("mountinfo")).stream().flatMap(l -> Mount.of(l).stream()).toList();
    return new Cgroups(groups("memory", paths, mounts), groups("cpu", paths, mounts));
  }

  /** Version 1 where the controller is mounted by itself, else version 2. */
  private static List<Group> groups(
      String controller, Map<String, String> paths, List<Mount> mounts) {
    for (Mount mount : mounts) {
      String path = paths.get(controller);
      if (mount.version == 1 && mount.controllers.contains(controller) && path != null) {
        return mount.groups(path);
      }
    }
    for (Mount mount : mounts) {
      String path = paths.get("");
      if (mount.version == 2 && path != null) {
        return mount.groups(path);
      }
    }
    return List.of();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // as if there were none
    }
  }
}
