package io.github.blip2j.onnx.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisProductTest {
  private static AxisProduct of(Object... axes) {
    return AxisProduct.of(Shape.of(axes)).orElseThrow();
  }

  @Test
  void sizesAndNamesAreGatheredWhateverTheirOrder() {
    assertThat(of("T", 257, "B", 2)).isEqualTo(new AxisProduct(514, List.of("B", "T")));
    assertThat(of("T", "B")).isEqualTo(of("B", "T"));
    assertThat(of(3, "2*B")).isEqualTo(of(6, "B"));
    assertThat(of()).isEqualTo(new AxisProduct(1, List.of()));
  }

  @Test
  void aNameCountsAsOftenAsItIsThere() {
    assertThat(of("B", "B").axis()).hasToString("B*B");
    assertThat(of("B", "B").dividedBy(of("B"))).contains(of("B"));
    assertThat(of("B").dividedBy(of("B", "B"))).isEmpty();
  }

  @Test
  void nothingIsSaidOfWhatHasNoName() {
    assertThat(AxisProduct.of(new Shape(List.of(Shape.Axis.fixed(4), Shape.Axis.UNKNOWN))))
        .isEmpty();
  }

  @Test
  void whatDividesLeavesTheRest() {
    assertThat(of("B", 257, 1408).dividedBy(of(1408)).orElseThrow().axis()).hasToString("257*B");
    assertThat(of("257*B", 1408).dividedBy(of(257, 1408)).orElseThrow().axis()).hasToString("B");
    assertThat(of(12).dividedBy(of(4)).orElseThrow().axis()).isEqualTo(Shape.Axis.fixed(3));
    assertThat(of("B", 6).dividedBy(of(4))).isEmpty();
    assertThat(of("B", 6).dividedBy(of("T"))).isEmpty();
    assertThat(of("B", 0).dividedBy(of(0))).isEmpty();
  }

  @Test
  void sumsHaveNamesOfTheirOwn() {
    Shape.Axis batch = Shape.Axis.named("B");
    Shape.Axis length = Shape.Axis.named("T");
    Shape.Axis sum = AxisProduct.sum(length, Shape.Axis.fixed(32));
    assertThat(sum).hasToString("(T+32)");
    assertThat(AxisProduct.sum(length, batch)).isNotEqualTo(AxisProduct.sum(batch, length));
    assertThat(new AxisProduct(2, List.of(sum.name())).axis()).hasToString("2*(T+32)");
    assertThat(AxisProduct.sum(length, Shape.Axis.UNKNOWN)).isEqualTo(Shape.Axis.UNKNOWN);
    assertThat(AxisProduct.sum(Shape.Axis.named("2*B"), length)).isEqualTo(Shape.Axis.UNKNOWN);
  }
}
