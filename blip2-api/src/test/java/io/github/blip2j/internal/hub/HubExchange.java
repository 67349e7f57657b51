package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** For each test a Hub that has one model, and a client with a home of its own. */
abstract class HubExchange {
  /** The model's one file that is large. */
  static final String LARGE = "model.safetensors";

  private final int largeBytes;

  @TempDir Path home;
  FakeHub hub;
  HubClient client;

  /**
   * Tests of one Hub each.
   *
   * @param largeBytes size of {@link #LARGE}
   */
  HubExchange(int largeBytes) {
    this.largeBytes = largeBytes;
  }

  @BeforeEach
  void start() {
    hub = FakeHub.withModel(largeBytes);
    client = new HubClient(hub, home);
  }

  /** What lies in a folder, sorted. */
  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @AfterEach
  void stop() {
    hub.close();
  }
}
