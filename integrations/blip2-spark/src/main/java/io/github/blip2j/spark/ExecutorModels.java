package io.github.blip2j.spark;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;

/**
 * The models of this process, each loaded once, by the first task that needs it, and then shared by
 * all tasks until the process ends. An executor has nobody else who could own them: tasks come and
 * go, and Spark tells nobody that an executor ends.
 */
final class ExecutorModels {
  private static final Map<ModelSpec, Blip2> LOADED = new ConcurrentHashMap<>();

  private ExecutorModels() {}

  /** The model; later tasks wait while the first loads it. Not to be closed. */
  static Blip2 model(ModelSpec spec) {
    return LOADED.computeIfAbsent(spec, ExecutorModels::load);
  }

  private static Blip2 load(ModelSpec spec) {
    Blip2Builder builder = Blip2.builder().model(located(spec.model()));
    builder.prefixCache(0); // every row encodes its image: nobody asks about the same one again
    builder.threads(spec.threads() == 0 ? taskCores() : spec.threads());
    if (!spec.backend().isEmpty()) {
      builder.backend(spec.backend());
    }
    if (!spec.precision().isEmpty()) {
      builder.precision(Precision.parse(spec.precision()));
    }
    if (!spec.cacheDirectory().isEmpty()) {
      builder.cacheDirectory(Path.of(spec.cacheDirectory()));
    }
    return builder.load();
  }

  /**
   * Where an archive was unpacked depends on the cluster: the working directory, or Spark's own.
   */
  private static String located(String model) {
    if (!Files.exists(Path.of(model)) && SparkEnv.get() != null) {
      Path unpacked = Path.of(SparkFiles.getRootDirectory()).resolve(model);
      if (Files.exists(unpacked)) {
        return unpacked.toString();
      }
    }
    return model;
  }

  private static int taskCores() {
    SparkEnv here = SparkEnv.get();
    return here == null ? 1 : here.conf().getInt("spark.task.cpus", 1);
  }
}
