package io.github.blip2j.bench.serving;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What this process holds that a server could leave behind.
 *
 * @param threads of servers
 * @param descriptors files and connections that are open
 * @param direct bytes of direct buffers, which from Java 22 on are those of the JDK alone
 */
record Host(long threads, long descriptors, long direct) {
  private static final int COLLECTIONS = 20;
  private static final long PAUSE_MILLIS = 50;

  /** As it is now, what is garbage included. */
  static Host now() {
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().startsWith("blip2-server"))
            .count();
    return new Host(
        threads,
        ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getOpenFileDescriptorCount(),
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum());
  }

  /** As it is without garbage: once nothing becomes less any more. */
  static Host collected() throws InterruptedException {
    Host now = now();
    Host before;
    int left = COLLECTIONS;
    do {
      before = now;
      System.gc();
      Thread.sleep(PAUSE_MILLIS); // buffers are freed by a thread of the JVM's own
      now = now();
      left--;
    } while (left > 0 && now.isLessThan(before));
    return now;
  }

  private boolean isLessThan(Host other) {
    return threads < other.threads || descriptors < other.descriptors || direct < other.direct;
  }

  /**
   * What is there now and was not before, or an empty text.
   *
   * @param spare descriptors that do not count
   * @param spareBytes of direct buffers that do not count
   */
  String beyond(Host before, int spare, long spareBytes) {
    StringBuilder more = new StringBuilder();
    if (threads > 0) {
      more.append(threads).append(" threads of the server are left; ");
    }
    if (descriptors > before.descriptors() + spare) {
      more.append("descriptors: ").append(before.descriptors()).append(" before, ");
      more.append(descriptors).append(" after; ");
    }
    if (direct > before.direct() + spareBytes) {
      more.append(
          String.format(
              Locale.ROOT,
              "direct buffers: %.1f MB before, %.1f MB after; ",
              before.direct() / 1e6,
              direct / 1e6));
    }
    return more.toString();
  }
}
