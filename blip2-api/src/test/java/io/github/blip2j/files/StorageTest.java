package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Views of a storage: where they lie, how they lie, and that they stay in it. */
class StorageTest {
  private static final long ELEMENTS = 24;
  private static final long POSITION = 640; // in the file
  private static final Path FILE = Path.of("x.bin");

  private final Storage storage = new Storage("x.bin: w", DType.F16, ELEMENTS, POSITION);

  private static List<Long> longs(String numbers) {
    return numbers == null
        ? List.of()
        : java.util.Arrays.stream(numbers.split(" ")).map(Long::parseLong).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "0,24,1,true,24", "4,20,1,true,20", "0,4 6,6 1,true,24", "0,2 3 4,12 4 1,true,24",
    "0,6 4,1 6,false,24", "0,4 3,6 2,false,23", "2,1 5 1,99 1 7,true,5", "5,,,true,1",
    "24,0 3,3 1,true,0", "0,0 5,7 7,true,0", "0,3 2,0 1,false,2", "0,2 2,12 1,false,14"
  })
  void aViewIsRowMajorIfItsStepsSaySo(
      long offset, String shape, String strides, boolean rowMajor, long span) {
    TensorView view = storage.view(offset, longs(shape), longs(strides));
    assertThat(view.rowMajor()).isEqualTo(rowMajor);
    assertThat(view.span()).isEqualTo(span);
    assertThat(view.position()).isEqualTo(POSITION + 2 * offset);
    WeightTensor raw = view.raw("w", FILE);
    assertThat(raw.shape()).containsExactly(span);
    assertThat(raw.bytes()).isEqualTo(2 * span);
    assertThat(raw.offset()).isEqualTo(view.position());
    long elements = longs(shape).stream().reduce(1L, (a, b) -> a * b);
    assertThat(view.elements()).isEqualTo(elements);
    assertThat(view.tensor("w", FILE).bytes()).isEqualTo(2 * elements);
    assertThat(view.tensor("w", FILE).shape()).isEqualTo(longs(shape));
  }

  /** Element by element: the last one of a view is the farthest, and lies in the storage. */
  @ParameterizedTest
  @CsvSource({
    "0,25,1",
    "1,24,1",
    "20,5,1",
    "0,5 5,5 1",
    "0,4 6,7 1",
    "0,2,24",
    "25,0,1",
    "0,1 25,0 1"
  })
  void aViewStaysInItsStorage(long offset, String shape, String strides) {
    assertThatThrownBy(() -> storage.view(offset, longs(shape), longs(strides)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("x.bin: w: expected ");
  }

  @Test
  void numbersThatNoTensorHasAreRefused() {
    long much = Long.MAX_VALUE;
    assertThatThrownBy(() -> storage.view(-1, List.of(1L), List.of(1L)))
        .hasMessageContaining("an offset of 0 to 24");
    assertThatThrownBy(() -> storage.view(much, List.of(1L), List.of(1L)))
        .hasMessageContaining("an offset of 0 to 24");
    assertThatThrownBy(() -> storage.view(0, List.of(-2L, -3L), List.of(3L, 1L)))
        .hasMessageContaining("sizes and strides of 0 or more");
    assertThatThrownBy(() -> storage.view(0, List.of(2L), List.of(-1L)))
        .hasMessageContaining("sizes and strides of 0 or more");
    assertThatThrownBy(() -> storage.view(0, List.of(much, much), List.of(1L, 1L)))
        .as("more than a long holds")
        .hasMessageContaining("a tensor within 24 elements");
    assertThatThrownBy(() -> storage.view(0, List.of(2L, 2L), List.of(much, much)))
        .hasMessageContaining("a tensor within 24 elements");
    assertThatThrownBy(() -> storage.view(0, List.of(2L), List.of(1L, 1L)))
        .hasMessageContaining("as many strides as axes, at most 8");
    List<Long> nine = List.of(1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L);
    assertThatThrownBy(() -> storage.view(0, nine, nine)).hasMessageContaining("at most 8");
  }

  /** A step of 0 would make many elements of few. */
  @Test
  void aViewHasNoMoreElementsThanItsStorage() {
    assertThat(storage.view(0, List.of(24L), List.of(0L)).span()).isEqualTo(1);
    assertThatThrownBy(() -> storage.view(0, List.of(25L), List.of(0L)))
        .hasMessageContaining("a tensor within 24 elements");
  }

  /** What is mapped begins at a whole element. */
  @Test
  void aViewBetweenTwoElementsIsNotUsedWhereItLies() {
    Storage odd = new Storage("x.bin: w", DType.F32, ELEMENTS, 642);
    assertThat(odd.view(0, List.of(24L), List.of(1L)).inPlace()).isFalse();
    Storage even = new Storage("x.bin: w", DType.F32, ELEMENTS, 644);
    assertThat(even.view(1, List.of(23L), List.of(1L)).inPlace()).isTrue();
    assertThat(even.view(0, List.of(4L, 6L), List.of(1L, 4L)).inPlace()).isFalse();
  }
}
