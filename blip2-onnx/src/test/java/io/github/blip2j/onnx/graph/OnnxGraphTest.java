package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT16;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a graph declares, and what it refuses to declare. */
class OnnxGraphTest {
  private final OnnxGraph graph = new OnnxGraph("test");
  private final Tensor x = graph.input("x", FLOAT32, "B", 6);

  @Test
  void valuesAreFoundByTheirNames() {
    Tensor sum = x.add(x).named("sum");
    assertThat(graph.value("sum")).isEqualTo(sum);
    assertThat(graph.body("within").value("x")).isEqualTo(x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.value("y"))
        .withMessageContainingAll("test: expected the name of a value, found y", "sum", "x");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.body("within").input("x", FLOAT32))
        .withMessage("within: expected a name that nothing has yet, found 'x'");
    assertThatIllegalStateException()
        .isThrownBy(() -> sum.named("total"))
        .withMessage("expected a value without a name, found sum");
  }

  @Test
  void outputsHaveTheShapeThatIsDeclared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.output("out", x.relu(), "B", 5))
        .withMessage("test: expected an output of shape (B,5), found out FLOAT32(B,6)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.input("z", FLOAT32, 2.5))
        .withMessage("expected a size or a name of an axis, found 2.5");
  }

  @Test
  void weightsOfOneNameAreOne() {
    OnnxGraph.FilePart part = new OnnxGraph.FilePart("file", 0, 24);
    Tensor weight = graph.stored("w", FLOAT32, List.of(6L), part);
    assertThat(graph.body("within").stored("w", FLOAT32, List.of(6L), part)).isEqualTo(weight);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.stored("w", FLOAT16, List.of(6L), part))
        .withMessage("w: expected FLOAT16(6) as before, found w FLOAT32(6)");
  }

  @Test
  void graphsSeeOnlyWhatIsAround() {
    Tensor left = graph.body("left").input("l", FLOAT32, "B", 6);
    Tensor right = graph.body("right").input("r", FLOAT32, "B", 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.see(left))
        .withMessage("test: expected a value from here or around, found l FLOAT32(B,6) of left");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> left.add(right))
        .withMessage(
            "left: Add: expected values that one graph sees,"
                + " found l FLOAT32(B,6), r FLOAT32(B,6)");
  }

  @Test
  void aLoopCarriesWhatItsBodyIsGiven() {
    Tensor most = graph.input("most", INT64);
    Tensor goesOn = graph.input("goes_on", BOOL);
    OnnxGraph body = graph.body("round");
    body.input("number", INT64);
    Tensor going = body.input("going", BOOL);
    Tensor carried = body.input("carried", FLOAT32, "B", 6);
    body.output("next_going", going);
    body.output("next", carried.relu(), "B", 6);
    body.output("collected", carried.cast(INT64), "B", 6);
    assertThat(graph.loop(most, goesOn, List.of(x), body))
        .extracting(Tensor::toString)
        .containsExactly("the result of Loop FLOAT32(B,6)", "the result of Loop INT64(?,B,6)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.loop(most, goesOn, List.of(x.cast(INT64)), body))
        .withMessage(
            "test: Loop: expected to carry carried FLOAT32(B,6), not next FLOAT32(B,6),"
                + " found most INT64(), goes_on BOOL(), the result of Cast INT64(B,6)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.loop(most, goesOn, List.of(x, x), body))
        .withMessageContaining("a body of 4 inputs and more than 2 outputs, not 3 and 3");
  }

  @Test
  void branchesGiveTheSame() {
    Tensor asked = graph.input("asked", BOOL);
    OnnxGraph yes = graph.body("yes");
    yes.output("yes_x", x, "B", 6);
    OnnxGraph no = graph.body("no");
    no.output("no_x", no.see(x).cast(INT64), "B", 6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> asked.choose(yes, no))
        .withMessage(
            "test: If: expected branches that give the same, not yes_x FLOAT32(B,6) and"
                + " no_x INT64(B,6), found asked BOOL()");
  }
}
