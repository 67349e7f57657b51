package io.github.blip2j.bench.serving;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process holds that a server could leave behind.
 *
 * @param threads of servers
 * @param descriptors files and connections that are open
 */
record Host(long threads, long descriptors) {
  /** As it is now. */
  static Host now() {
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().startsWith("blip2-server"))
            .count();
    return new Host(
        threads,
        ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getOpenFileDescriptorCount());
  }

  /** What is there now and was not before, or an empty text. */
  String beyond(Host before, int spare) {
    String more = threads > 0 ? threads + " threads of the server are left; " : "";
    return descriptors > before.descriptors() + spare
        ? more + "descriptors: " + before.descriptors() + " before, " + descriptors + " after"
        : more;
  }
}
