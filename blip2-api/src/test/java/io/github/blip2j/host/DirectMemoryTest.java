package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class DirectMemoryTest {
  @Test
  void zerosOutsideTheHeapInNativeOrder() {
    try (DirectMemory memory = new DirectMemory(1 << 20)) {
      ByteBuffer bytes = memory.bytes();
      assertThat(bytes.isDirect()).isTrue();
      assertThat(bytes.capacity()).isEqualTo(1 << 20);
      assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
      assertThat(bytes.get((1 << 20) - 1)).isZero();
      bytes.asFloatBuffer().put(7, 2.5f);
      assertThat(bytes.getFloat(28)).isEqualTo(2.5f);
    }
    try (DirectMemory none = new DirectMemory(0)) {
      assertThat(none.bytes().capacity()).isZero();
    }
  }

  /** Two hundred times 16 MB, and nothing waits for a garbage collection to be given back. */
  @Test
  void closingFreesAtOnce() {
    long before = collections();
    for (int i = 0; i < 200; i++) {
      long held = directMemory();
      DirectMemory memory = new DirectMemory(16 << 20);
      memory.bytes().put(0, (byte) 1);
      memory.close();
      assertThat(directMemory()).isLessThanOrEqualTo(held);
      memory.close();
      assertThat(directMemory()).isLessThanOrEqualTo(held);
    }
    assertThat(collections() - before).isLessThan(20);
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(p -> p.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(b -> b.getCollectionCount())
        .sum();
  }

  @Test
  void whatIsTooMuchIsRefused() {
    assertThatThrownBy(() -> new DirectMemory(1L << 40))
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining("1099511627776 bytes");
  }
}
