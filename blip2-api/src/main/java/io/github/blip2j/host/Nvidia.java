package io.github.blip2j.host;

import io.github.blip2j.internal.hub.Locations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Whether this machine can have a CUDA device, asked of the file system alone. */
final class Nvidia {
  /** Of the driver, of a Jetson, of Windows' Linux. */
  private static final List<String> TRACES =
      List.of("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/nvmap", "/dev/dxg");

  private Nvidia() {}

  /** Nothing where a driver has left its traces, or on a system other than Linux. */
  static Optional<String> noDriver() {
    return !Locations.platform().startsWith("Linux/")
            || TRACES.stream().anyMatch(t -> Files.exists(Path.of(t)))
        ? Optional.empty()
        : Optional.of("no NVIDIA driver is loaded");
  }
}
