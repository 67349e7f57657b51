package io.github.blip2j.internal.hub;

import java.nio.file.Path;
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

  @AfterEach
  void stop() {
    hub.close();
  }
}
