package io.github.blip2j.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;

/**
 * A cluster on this machine, whose executors are processes of their own: Spark's jars lie where
 * {@code SPARK_HOME} says, and what an application brings is fetched by the executors.
 */
final class LocalCluster {
  /** Jars of this library and its engines, which no cluster has. */
  private static final List<String> BROUGHT =
      List.of("blip2-", "onnxruntime-", "tokenizers-", "api-", "jna-", "jspecify-", "gson-");

  private LocalCluster() {}

  /**
   * Starts one.
   *
   * @param workers processes, of one core and a gibibyte each
   */
  static SparkSession start(int workers) throws IOException {
    Path home = Path.of(Objects.requireNonNull(System.getenv("SPARK_HOME"), "SPARK_HOME"));
    Path jars = emptied(home.resolve("jars"));
    List<String> brought = new ArrayList<>();
    for (Path jar : onClassPath()) {
      if (isBrought(jar)) {
        brought.add(jar.toString());
      } else if (!Files.exists(jars.resolve(jar.getFileName()))) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    return SparkSession.builder()
        .master(String.format(Locale.ROOT, "local-cluster[%d,1,1024]", workers))
        .config("spark.ui.enabled", false)
        .config("spark.jars", String.join(",", brought))
        .config("spark.executor.memory", "1024m")
        .config("spark.executor.extraJavaOptions", options())
        .config("spark.sql.shuffle.partitions", 4)
        .config("spark.shuffle.io.maxRetries", 1) // a dead executor is asked for rows once more
        .config("spark.shuffle.io.retryWait", "1s")
        .getOrCreate();
  }

  /** Executors compile and collect garbage as this process does: lightly where it is a test's. */
  private static String options() {
    return Stream.concat(
            Stream.of(JavaModuleOptions.defaultModuleOptions()),
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:")))
        .collect(Collectors.joining(" "));
  }

  /** Without the links of another version. */
  private static Path emptied(Path jars) throws IOException {
    try (var links = Files.list(Files.createDirectories(jars))) {
      for (Path link : links.toList()) {
        Files.delete(link);
      }
    }
    return jars;
  }

  private static boolean isBrought(Path jar) {
    String name = jar.getFileName().toString();
    return BROUGHT.stream().anyMatch(name::startsWith)
        && (!name.startsWith("api-") || jar.toString().contains("djl"))
        && (!name.startsWith("gson-") || jar.toString().contains("google"));
  }

  /** Jars, and this module's own, which tests have as a folder. */
  private static List<Path> onClassPath() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      if (entry.endsWith(".jar")) {
        jars.add(Path.of(entry).toAbsolutePath());
      }
    }
    if (jars.stream().noneMatch(jar -> jar.toString().contains("blip2-spark"))) {
      try (var built = Files.list(Path.of("target"))) {
        built
            .filter(
                f -> f.getFileName().toString().matches("blip2-spark-[\\d.]+(-SNAPSHOT)?\\.jar"))
            .forEach(f -> jars.add(f.toAbsolutePath()));
      }
    }
    return jars;
  }

  /** The process of an executor, which its command line names. */
  static ProcessHandle executor(String id) {
    List<ProcessHandle> found =
        ProcessHandle.current()
            .descendants()
            .filter(p -> commandLine(p).contains("CoarseGrainedExecutorBackend"))
            .filter(p -> commandLine(p).contains("--executor-id " + id + " "))
            .toList();
    if (found.size() != 1) {
      throw new IllegalStateException("executor " + id + ": expected a process, found " + found);
    }
    return found.get(0);
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }
}
