package io.github.blip2j.cli;

import io.github.blip2j.ModelDownload;
import io.github.blip2j.PreparedFiles;
import io.github.blip2j.core.Device;
import io.github.blip2j.spi.Backend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a report of a fault should say of the machine, Java, the backends and their files. */
final class MachineReport {
  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  /** What makes matrix products fast, by the names of Linux. */
  private static final Set<String> VECTORS =
      Set.of(
          "avx",
          "avx2",
          "fma",
          "f16c",
          "avx_vnni",
          "avx512f",
          "avx512bw",
          "avx512_vnni",
          "avx512_bf16",
          "avx512_fp16",
          "amx_bf16",
          "amx_int8",
          "asimd",
          "asimddp",
          "i8mm",
          "bf16",
          "sve",
          "sve2");

  /**
   * One line of it.
   *
   * @param name what is known
   * @param value in words
   */
  record Fact(String name, String value) {}

  private final Path cache;
  private final List<Fact> facts = new ArrayList<>();

  private MachineReport(Path cache) {
    this.cache = cache;
  }

  /** Looks at everything; starts the backends' engines. */
  static List<Fact> of(Path cache) {
    MachineReport report = new MachineReport(cache);
    report.java();
    report.processor();
    report.memory();
    report.backends();
    report.facts.addAll(CudaFacts.here().facts());
    report.caches();
    return report.facts;
  }

  private void add(String name, String value) {
    facts.add(new Fact(name, value));
  }

  private void java() {
    var runtime = ManagementFactory.getRuntimeMXBean();
    add(
        "java",
        Runtime.version() + " (" + runtime.getVmVendor() + ", " + runtime.getVmName() + ")");
    var system = ManagementFactory.getOperatingSystemMXBean();
    add("system", system.getName() + " " + system.getVersion() + ", " + system.getArch());
  }

  private void processor() {
    List<String> lines = lines(CPUS);
    String model = value(lines, "model name").or(() -> value(lines, "CPU part")).orElse("unknown");
    add("processor", model);
    add("threads", Integer.toString(Runtime.getRuntime().availableProcessors()));
    String flags = value(lines, "flags").or(() -> value(lines, "Features")).orElse("");
    String vectors =
        Arrays.stream(flags.split(" "))
            .filter(VECTORS::contains)
            .sorted()
            .collect(Collectors.joining(" "));
    add("vector instructions", vectors.isEmpty() ? "unknown" : vectors);
  }

  private void memory() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    String total =
        system instanceof com.sun.management.OperatingSystemMXBean all
            ? size(all.getTotalMemorySize()) + " within this process's limits"
            : "unknown";
    Optional<String> available = value(lines(MEMORY), "MemAvailable");
    add(
        "memory",
        total
            + available
                .map(
                    a ->
                        ", "
                            + size(Long.parseLong(a.replaceAll("\\D", "")) << 10)
                            + " of the machine available")
                .orElse(""));
    add("java heap", "at most " + size(Runtime.getRuntime().maxMemory()));
  }

  private void backends() {
    for (Backend backend : installed()) {
      add("backend " + backend.id(), usable(backend, Device.CPU));
      add("backend " + backend.id() + " on cuda:0", usable(backend, Device.parse("cuda:0")));
    }
    for (NativeFolder natives : NativeFolder.in(cache)) {
      String version = natives.engine() + " " + natives.path().getFileName();
      add("native libraries of " + version, natives.path() + ", " + size(natives.bytes()));
    }
  }

  /** The backends that came with the program, the preferred one first. */
  static List<Backend> installed() {
    return ServiceLoader.load(Backend.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(Backend::priority).reversed())
        .toList();
  }

  private String usable(Backend backend, Device device) {
    try {
      return backend.obstacle(device, cache).map(why -> "not usable: " + why).orElse("usable");
    } catch (RuntimeException | LinkageError e) {
      return "not usable: " + e.getMessage();
    }
  }

  private void caches() {
    long bytes = 0;
    List<PreparedFiles.Entry> entries = PreparedFiles.in(cache).entries();
    for (PreparedFiles.Entry entry : entries) {
      bytes += entry.bytes();
    }
    add("cache", cache + ", " + size(bytes) + " in " + entries.size() + " derived files");
    add("hub cache", hub(ModelDownload.cacheDirectory()));
  }

  /** Models of the Hub, whose files lie once each in a folder of blobs. */
  private static String hub(Path folder) {
    long bytes = 0;
    int models = 0;
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "models--*")) {
      for (Path model : found) {
        models++;
        bytes += filesIn(model.resolve("blobs"));
      }
    } catch (NoSuchFileException e) {
      return folder + ", not there yet";
    } catch (IOException e) {
      return folder + ", cannot be read: " + e;
    }
    return folder + ", " + size(bytes) + " in " + models + " models";
  }

  private static long filesIn(Path folder) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += Files.size(file);
      }
    } catch (NoSuchFileException e) {
      return 0; // a model without any file yet
    }
    return bytes;
  }

  private static String size(long bytes) {
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  private static Optional<String> value(List<String> lines, String name) {
    Predicate<String> named = line -> line.split(":", 2)[0].strip().equals(name);
    return lines.stream()
        .filter(line -> line.contains(":"))
        .filter(named)
        .map(line -> line.split(":", 2)[1].strip())
        .findFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // another system
    }
  }
}
