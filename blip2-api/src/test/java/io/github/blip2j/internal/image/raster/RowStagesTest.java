package io.github.blip2j.internal.image.raster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.BusyPool;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowStagesTest {
  private static final int ROWS = 2000;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6})
  void everyStageSeesEveryRowInOrder(int slots) {
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    run(
        slots,
        List.of(
            slot -> {
              first.add(slot[0]);
              slot[1] = 3 * slot[0];
            },
            slot -> second.add(slot[1])));
    assertThat(first).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
    assertThat(second).isEqualTo(IntStream.range(0, ROWS).mapToObj(i -> 3 * i).toList());
  }

  @Test
  void worksInThreadsOfTheCommonPoolToo() {
    List<Integer> seen =
        ForkJoinPool.commonPool()
            .submit(
                () -> {
                  List<Integer> inside = new ArrayList<>();
                  run(6, List.of(slot -> inside.add(slot[0])));
                  return inside;
                })
            .join();
    assertThat(seen).hasSize(ROWS).isSorted();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6})
  void whatAStageThrowsComesOutOfTheDecodingThread(int slots) {
    Error memory = new OutOfMemoryError("tenth row");
    List<Integer> later = new ArrayList<>();
    assertThatThrownBy(
            () ->
                run(
                    slots,
                    List.of(
                        slot -> {
                          if (slot[0] == 10) {
                            throw memory;
                          }
                        },
                        slot -> later.add(slot[0]))))
        .isSameAs(memory);
    assertThat(later).isSorted().doesNotContain(10, 11);
  }

  @Test
  void anInterruptIsKeptAndStopsNothing() {
    List<Integer> seen = new ArrayList<>();
    Thread.currentThread().interrupt();
    run(6, List.of(slot -> seen.add(slot[0])));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(seen).hasSize(ROWS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPoolThatIsBusyKeepsNothing(boolean whole) throws InterruptedException {
    try (BusyPool pool = new BusyPool()) {
      assertThat(pool).isNotNull();
      BusyPool.assertForgotten(decoded(whole));
    }
  }

  /** An image of which all or some rows went through. */
  private static WeakReference<byte[]> decoded(boolean whole) {
    byte[] pixels = new byte[ROWS];
    Consumer<int[]> write = slot -> pixels[slot[0]] = 1;
    try (RowStages<int[]> stages = new RowStages<>(6, () -> new int[1], List.of(write))) {
      for (int row = 0; row < ROWS / 2; row++) {
        stages.next()[0] = row;
        stages.filled();
      }
      if (whole) {
        stages.finish();
      }
    }
    return new WeakReference<>(pixels);
  }

  private static void run(int slots, List<Consumer<int[]>> work) {
    try (RowStages<int[]> stages = new RowStages<>(slots, () -> new int[2], work)) {
      for (int row = 0; row < ROWS; row++) {
        stages.next()[0] = row;
        stages.filled();
      }
      stages.finish();
    }
  }
}
