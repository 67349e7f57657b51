package io.github.blip2j.cli;

import io.github.blip2j.host.Host;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a machine has for a CUDA device: devices, the driver, and the libraries that backends link.
 *
 * @param driver file in which the kernel names its driver
 * @param tool command that lists devices
 * @param libraryPath folders that the loader searches first, with the system's separator between
 */
record CudaFacts(Path driver, List<String> tool, String libraryPath) {
  private static final int SECONDS = 10; // that the tool may take
  private static final List<String> LIBRARIES =
      List.of(
          "libcuda.so.1",
          "libcudart.so.12",
          "libcublas.so.12",
          "libcublasLt.so.12",
          "libcurand.so.10",
          "libcufft.so.11",
          "libcudnn.so.9");
  private static final List<Path> USUAL =
      Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")
          .flatMap(place -> Stream.of(place, "/usr/local/cuda/lib64", "/usr/local/nvidia/lib64"))
          .distinct()
          .map(Path::of)
          .toList();

  /** Those of this machine. */
  static CudaFacts here() {
    return new CudaFacts(
        Path.of("/proc/driver/nvidia/version"),
        List.of(
            "nvidia-smi",
            "--query-gpu=name,driver_version,memory.total,memory.used,compute_cap",
            "--format=csv,noheader"),
        Objects.requireNonNullElse(Host.setting("LD_LIBRARY_PATH"), ""));
  }

  /** One line for each. */
  List<MachineReport.Fact> facts() {
    return Stream.concat(
            Stream.of(
                new MachineReport.Fact("nvidia driver", driverVersion()),
                new MachineReport.Fact("cuda devices", devices())),
            LIBRARIES.stream().map(name -> new MachineReport.Fact(name, place(name))))
        .toList();
  }

  private String driverVersion() {
    try {
      return Files.readAllLines(driver).stream().findFirst().orElse("not found");
    } catch (IOException e) {
      return "not found";
    }
  }

  /** What the driver's own tool says, of several devices with semicolons between. */
  private String devices() {
    try {
      Process process = new ProcessBuilder(tool).redirectErrorStream(true).start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          return "unknown: " + tool.get(0) + " did not end within " + SECONDS + " s";
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> lines = said.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        String all = lines.isEmpty() ? "none" : String.join("; ", lines);
        return process.exitValue() == 0 ? all : "unknown: " + all;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return "none found: no " + tool.get(0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown: interrupted";
    }
  }

  private String place(String name) {
    return Stream.concat(
            Arrays.stream(libraryPath.split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(folder -> new File(folder).toPath()),
            USUAL.stream())
        .map(folder -> folder.resolve(name))
        .filter(Files::exists)
        .map(Path::toString)
        .findFirst()
        .orElse("not found in LD_LIBRARY_PATH and the usual folders");
  }
}
