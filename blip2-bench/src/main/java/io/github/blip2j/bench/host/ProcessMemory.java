package io.github.blip2j.bench.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Memory of this process as Linux counts it, in bytes.
 *
 * @param resident pages in memory, mapped files included
 * @param peak the most that {@code resident} has been
 * @param anonymous resident pages that belong to no file: what no other process can share and no
 *     memory pressure can drop
 */
public record ProcessMemory(long resident, long peak, long anonymous) {
  public static ProcessMemory now() throws IOException {
    return new ProcessMemory(field("VmRSS"), field("VmHWM"), field("RssAnon"));
  }

  private static long field(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("expected " + name + " in /proc/self/status, found none");
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "resident %.2f GB, peak %.2f GB, private %.2f GB",
        resident / 1e9,
        peak / 1e9,
        anonymous / 1e9);
  }
}
