package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLocatorTest {
  @TempDir Path home;

  private Locations locations(Map<String, String> variables) {
    return new Locations(variables, home.toString(), "Linux", home, () -> home);
  }

  private static Path downloaded(Path hub) throws IOException {
    Path folder = hub.resolve("models--Owner--name.x");
    Path snapshot = folder.resolve("snapshots/abc123");
    Files.createDirectories(snapshot);
    Files.createDirectories(folder.resolve("refs/pr"));
    Files.writeString(folder.resolve("refs/main"), "abc123\n");
    return snapshot;
  }

  @Test
  void findsADirectoryAndADownloadedModel() throws IOException {
    ModelLocator locator = new ModelLocator(locations(Map.of()));
    Path snapshot = downloaded(home.resolve(".cache/huggingface/hub"));
    assertThat(locator.find(home.toString(), "main")).isEqualTo(home);
    assertThat(locator.find("Owner/name.x", "main")).isEqualTo(snapshot);
    assertThat(locator.find("Owner/name.x", "abc123")).isEqualTo(snapshot);
  }

  @Test
  void theEnvironmentMovesTheCaches() throws IOException {
    Path hub = home.resolve("elsewhere");
    Path snapshot = downloaded(hub);
    for (Map<String, String> variables :
        java.util.List.of(
            Map.of("HF_HUB_CACHE", hub.toString()),
            Map.of("HF_HUB_CACHE", hub.toString(), "HF_HOME", "/none"))) {
      assertThat(new ModelLocator(locations(variables)).find("Owner/name.x", "main"))
          .isEqualTo(snapshot);
    }
    assertThat(locations(Map.of("HF_HOME", "/hf")).hubCache()).isEqualTo(Path.of("/hf/hub"));
    assertThat(locations(Map.of("XDG_CACHE_HOME", "/xdg")).hubCache())
        .isEqualTo(Path.of("/xdg/huggingface/hub"));
    assertThat(locations(Map.of("XDG_CACHE_HOME", "/xdg")).derivedFiles())
        .isEqualTo(Path.of("/xdg/blip2"));
    assertThat(locations(Map.of("BLIP2_CACHE", "/own")).derivedFiles()).isEqualTo(Path.of("/own"));
    assertThat(locations(Map.of("BLIP2_CACHE", "")).derivedFiles())
        .isEqualTo(home.resolve(".cache/blip2"));
  }

  @Test
  void whatIsNeitherIsRefusedWithBothPlaces() {
    ModelLocator locator = new ModelLocator(locations(Map.of()));
    assertThatThrownBy(() -> locator.find("Owner/none", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a directory or a downloaded model in")
        .hasMessageContaining("models--Owner--none");
    for (String name : new String[] {"/not/there", "justaname", "../up", "a/b/c"}) {
      assertThatThrownBy(() -> locator.find(name, "main"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(name + ": expected a checkpoint directory or owner/name");
    }
  }
}
