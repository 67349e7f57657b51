package io.github.blip2j.internal.hub;

import io.github.blip2j.core.LoadListener;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A process that downloads a model, by the environment that it is given, and prints its folder. */
final class DownloadProcess {
  private DownloadProcess() {}

  public static void main(String[] arguments) {
    Path found = ModelLocator.ofProcess().find(arguments[0], "main", true, LoadListener.NONE);
    System.out.println(found);
  }

  static Process start(Path cache, String endpoint, File output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    DownloadProcess.class.getName(),
                    FakeHub.ID))
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder
        .environment()
        .keySet()
        .removeIf(k -> k.toLowerCase(java.util.Locale.ROOT).contains("proxy"));
    builder.environment().putAll(Map.of("HF_ENDPOINT", endpoint, "HF_HUB_CACHE", cache.toString()));
    return builder.start();
  }
}
