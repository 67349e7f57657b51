package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostTest {
  private static final String NAME = "io.github.blip2j.host.test";

  @Test
  void aVariableComesBeforeAPropertyOfTheSameName() {
    Map.Entry<String, String> some = System.getenv().entrySet().stream().findFirst().orElseThrow();
    String before = System.getProperty(some.getKey());
    try {
      System.setProperty(some.getKey(), "of the property");
      assertThat(Host.setting(some.getKey())).isEqualTo(some.getValue());
      assertThat(Host.setting(NAME)).isNull();
      System.setProperty(NAME, "");
      assertThat(Host.setting(NAME)).isEmpty();
    } finally {
      System.clearProperty(NAME);
      if (before == null) {
        System.clearProperty(some.getKey());
      }
    }
  }

  @Test
  void thePlatformIsSystemAndProcessor() {
    assertThat(Host.platform())
        .isEqualTo(System.getProperty("os.name") + "/" + System.getProperty("os.arch"));
  }

  @Test
  void theCacheIsAFolderThatNeedNotExist() {
    Path cache = Host.cacheDirectory();
    assertThat(cache).isAbsolute().isEqualTo(Host.cacheDirectory());
  }

  @Test
  void aMachineWithoutADriverSaysSo() {
    boolean none =
        Host.platform().startsWith("Linux/")
            && Stream.of("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/nvmap", "/dev/dxg")
                .noneMatch(trace -> Files.exists(Path.of(trace)));
    assertThat(Host.noNvidiaDriver().isPresent()).isEqualTo(none);
  }

  /** A prefix is a text: one with a dot does not match any letter. */
  @Test
  void onlyFoldersOfThatVeryPrefixAreSwept() throws IOException {
    String unique = "blip2.host" + ProcessHandle.current().pid() + "-";
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path old = Files.createDirectory(temporary.resolve(unique + "1"));
    Path other = Files.createDirectory(temporary.resolve(unique.replace('.', 'x') + "1"));
    try {
      for (Path folder : new Path[] {old, other}) {
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
      }
      Host.sweepTemporaryFolders(unique);
      assertThat(old).doesNotExist();
      assertThat(other).exists();
    } finally {
      Files.deleteIfExists(old);
      Files.deleteIfExists(other);
    }
  }

  @Test
  void coresAndMemoryAreThisProcessOwn() {
    assertThat(Host.cores()).isBetween(1, Runtime.getRuntime().availableProcessors());
    Host.availableMemory().ifPresent(bytes -> assertThat(bytes).isPositive());
  }
}
