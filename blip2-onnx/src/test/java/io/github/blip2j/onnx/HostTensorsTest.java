package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Inputs of a run: what they hold, where they lie, and that their memory ends with them. */
class HostTensorsTest {
  @Test
  void tensorsHaveWhatTheyWereGiven() throws OrtException {
    try (HostTensors host = new HostTensors()) {
      OnnxTensor longs = host.longs(new long[] {1, -2, Long.MAX_VALUE, 4}, 2, 2);
      OnnxTensor ints = host.ints(new int[] {7, Integer.MIN_VALUE, 9}, 3);
      OnnxTensor floats = host.floats(new float[] {0.5f, -1e30f}, 2, 1);
      OnnxTensor yes = host.bool(true);
      OnnxTensor no = host.bool(false);
      assertThat((long[][]) longs.getValue())
          .isDeepEqualTo(new long[][] {{1, -2}, {Long.MAX_VALUE, 4}});
      assertThat((int[]) ints.getValue()).containsExactly(7, Integer.MIN_VALUE, 9);
      assertThat((float[][]) floats.getValue()).isDeepEqualTo(new float[][] {{0.5f}, {-1e30f}});
      assertThat((Boolean) yes.getValue()).isTrue();
      assertThat((Boolean) no.getValue()).isFalse();
      assertThat(no.getInfo().getShape()).as("a scalar").isEmpty();
    }
  }

  /** More than a block holds, and one that is larger than a block: none lies upon another. */
  @Test
  void manyAndLargeOnesLieBesideOneAnother() {
    try (HostTensors host = new HostTensors()) {
      List<OnnxTensor> all = new ArrayList<>();
      List<long[]> given = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        long from = 1000L * i;
        given.add(LongStream.range(from, from + (i == 150 ? 5000 : i % 7)).toArray());
        all.add(host.longs(given.get(i), given.get(i).length));
      }
      for (int i = 0; i < 300; i++) {
        long[] found = new long[given.get(i).length];
        all.get(i).getLongBuffer().get(found);
        assertThat(found).as("tensor " + i).isEqualTo(given.get(i));
      }
    }
  }

  /** As the runtime itself would, which leaves its copies to the garbage collector. */
  @Test
  void closingFreesThem() {
    long before = buffers();
    long most = before;
    for (int run = 0; run < 1000; run++) {
      try (HostTensors host = new HostTensors()) {
        for (int i = 0; i < 8; i++) {
          host.longs(new long[] {run, i}, 2);
        }
        most = Math.max(most, buffers());
      }
    }
    assertThat(most).as("direct buffers at once").isLessThan(before + 10);
    assertThat(buffers()).isLessThan(before + 10);
  }

  private static long buffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }
}
