package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT16;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;
import static io.github.blip2j.onnx.graph.ElementType.INT8;
import static io.github.blip2j.onnx.graph.ElementType.UINT8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Types and shapes of what operators give, and what they refuse. */
class TensorTest {
  private static final Tensor.ByteRange BYTES = new Tensor.ByteRange(128, 255);

  private final OnnxGraph graph = new OnnxGraph("test");
  private final Tensor x = graph.input("x", FLOAT32, "B", "T", 6);
  private final Tensor ids = graph.input("ids", INT64, "B", "T");
  private final Tensor flag = graph.input("flag", BOOL);

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  private Tensor weight(String name, ElementType type, Long... sizes) {
    return graph.stored(name, type, List.of(sizes), new OnnxGraph.FilePart("file", 0, 1));
  }

  @Test
  void elementsBroadcast() {
    Tensor column = graph.input("column", FLOAT32, "B", 1, 1);
    assertThat(x.add(column)).hasToString("the result of Add FLOAT32(B,T,6)");
    assertThat(column.mul(weight("w", FLOAT32, 4L)))
        .hasToString("the result of Mul FLOAT32(B,1,4)");
    Tensor other = graph.input("other", FLOAT32, "C", "T", 6);
    assertThat(x.less(other)).hasToString("the result of Less BOOL(?,T,6)");
    assertThat(flag.where(ids, graph.integers(0))).hasToString("the result of Where INT64(B,T)");
    refused(
        () -> x.add(weight("five", FLOAT32, 5L)),
        "test: Add: expected shapes that broadcast, found x FLOAT32(B,T,6), five FLOAT32(5)");
    refused(
        () -> x.add(1),
        "test: Add: expected values of one type, found x FLOAT32(B,T,6), const_1 INT64(1)");
    refused(() -> flag.add(flag), "test: Add: expected numbers, found flag BOOL(), flag BOOL()");
    refused(
        () -> ids.where(x, x),
        "test: Where: expected input 1 of BOOL, found ids INT64(B,T), x FLOAT32(B,T,6),"
            + " x FLOAT32(B,T,6)");
    refused(
        () -> flag.where(x, ids),
        "test: Where: expected two values of one type, found flag BOOL(), x FLOAT32(B,T,6),"
            + " ids INT64(B,T)");
    refused(() -> x.not(), "test: Not: expected input 1 of BOOL, found x FLOAT32(B,T,6)");
    refused(() -> ids.exp(), "test: Exp: expected FLOAT32 or FLOAT16, found ids INT64(B,T)");
  }

  @Test
  void matricesAreMultipliedIfTheyFit() {
    Tensor right = graph.input("right", FLOAT32, 6, "S");
    assertThat(x.matMul(right)).hasToString("the result of MatMul FLOAT32(B,T,S)");
    refused(
        () -> right.matMul(weight("w", FLOAT32, 4L)),
        "test: MatMul: expected matrices, found right FLOAT32(6,S), w FLOAT32(4)");
    refused(
        () -> x.matMul(weight("m", FLOAT32, 4L, 2L)),
        "test: MatMul: expected as many rows in the second as columns in the first,"
            + " found x FLOAT32(B,T,6), m FLOAT32(4,2)");
    refused(
        () -> weight("a", FLOAT32, 2L, 3L, 4L).matMul(weight("b", FLOAT32, 3L, 4L, 5L)),
        "test: MatMul: expected stacks of matrices that broadcast,"
            + " found a FLOAT32(2,3,4), b FLOAT32(3,4,5)");
  }

  @Test
  void shapesAreKnownAsFarAsTheyCanBe() {
    assertThat(x.reshape(-1, 6).shape()).hasToString("(B*T,6)");
    assertThat(x.reshape(-1, 6).reshape(-1, 3).shape()).hasToString("(2*B*T,3)");
    assertThat(x.reshape(0, 0, 2, -1).shape()).hasToString("(B,T,2,3)");
    assertThat(x.reshape(0, 0, 2, -1).transpose(0, 2, 1, 3).shape()).hasToString("(B,2,T,3)");
    Tensor sizes = ids.sizeOf(0).concat(0, graph.integers(-1), graph.integers(3));
    assertThat(x.reshape(sizes).shape()).hasToString("(B,2*T,3)");
    assertThat(x.slice(1, 0, 3).reshape(-1, 6).shape()).hasToString("(?,6)");
    assertThat(ids.sizes().sub(1).slice(0, 1, 2).shape()).hasToString("(1)");
    assertThat(x.unsqueeze(1, 3).shape()).hasToString("(B,1,T,1,6)");
    assertThat(x.slice(2, 1, 100).shape()).hasToString("(B,T,5)");
    assertThat(x.slice(2, -2, 100).shape()).hasToString("(B,T,2)");
    assertThat(x.slice(1, 0, 0).shape()).hasToString("(B,0,6)");
    assertThat(x.slice(1, 0, 3).shape()).hasToString("(B,?,6)");
    assertThat(x.pad(0, 0, 1, 0, 0, 2).shape()).hasToString("(B,T,9)");
    assertThat(x.concat(1, x).shape()).hasToString("(B,(T+T),6)");
    assertThat(x.concat(1, x).reshape(-1, 6).shape()).hasToString("((T+T)*B,6)");
    assertThat(x.concat(2, x).shape()).hasToString("(B,T,12)");
    assertThat(x.split(2, 3)).extracting(Tensor::shape).allMatch(s -> s.size(-1) == 2).hasSize(3);
    assertThat(weight("row", FLOAT32, 1L, 6L).expand(graph.integers(4, 1)).shape())
        .hasToString("(4,6)");
    assertThat(graph.integers(7).scalar()).hasToString("the result of Reshape INT64()");
  }

  @Test
  void elementsAreLaidOutOnlyIfTheyCanBe() {
    refused(
        () -> x.reshape(0, 0, 4),
        "test: Reshape: expected as many elements in sizes [0, 0, 4],"
            + " found x FLOAT32(B,T,6), const_0,0,4 INT64(3)");
    refused(
        () -> x.reshape(0, 0, 4, -1),
        "test: Reshape: expected as many elements in sizes [0, 0, 4, -1],"
            + " found x FLOAT32(B,T,6), const_0,0,4,-1 INT64(4)");
    refused(
        () -> x.reshape(ids),
        "test: Reshape: expected input 2 of 1 axes, found x FLOAT32(B,T,6), ids INT64(B,T)");
    refused(
        () -> x.transpose(0, 1),
        "test: Transpose: expected an order of all 3 axes, found x FLOAT32(B,T,6)");
    refused(
        () -> x.concat(1, weight("w", FLOAT32, 1L, 1L, 5L)),
        "test: Concat: expected sizes that agree but for axis 1,"
            + " found x FLOAT32(B,T,6), w FLOAT32(1,1,5)");
    refused(
        () -> x.split(2, 4),
        "test: Split: expected an axis that 4 parts divide, found x FLOAT32(B,T,6)");
    refused(() -> x.sizeOf(3), "expected an axis of (B,T,6), found 3");
    refused(
        () -> x.pad(0, 1),
        "test: Pad: expected input 2 of shape (6), found x FLOAT32(B,T,6), const_0,1 INT64(2)");
    refused(
        () -> x.slice(0, flag, ids),
        "test: Slice: expected input 2 of INT64, found x FLOAT32(B,T,6), flag BOOL(),"
            + " ids INT64(B,T), const_0 INT64(1)");
  }

  @Test
  void elementsAreChosen() {
    Tensor table = weight("table", FLOAT32, 9L, 6L);
    assertThat(table.gather(ids, 0).shape()).hasToString("(B,T,6)");
    assertThat(x.argMax(2, true)).hasToString("the result of ArgMax INT64(B,T,1)");
    assertThat(x.reduceMax(1, false).shape()).hasToString("(B,6)");
    assertThat(x.topK(graph.integers(2)).indices()).hasToString("the result of TopK INT64(B,T,2)");
    refused(
        () -> table.gather(x, 0),
        "test: Gather: expected input 2 of INT64, found table FLOAT32(9,6), x FLOAT32(B,T,6)");
    refused(
        () -> x.gatherElements(ids, 1),
        "test: GatherElements: expected input 2 of 3 axes,"
            + " found x FLOAT32(B,T,6), ids INT64(B,T)");
    refused(
        () -> x.topK(graph.integers(7)),
        "test: TopK: expected at most as many as there are, not 7,"
            + " found x FLOAT32(B,T,6), const_7 INT64(1)");
    refused(
        () -> ids.range(ids, ids),
        "test: Range: expected input 1 of 0 axes,"
            + " found ids INT64(B,T), ids INT64(B,T), ids INT64(B,T)");
  }

  @Test
  void layersWantWeightsOfTheirSize() {
    Tensor rows = x.reshape(-1, 6);
    Tensor weight = weight("w", FLOAT32, 4L, 6L);
    assertThat(rows.gemm(weight, weight("b", FLOAT32, 4L)).shape()).hasToString("(B*T,4)");
    refused(
        () -> rows.gemm(weight("turned", FLOAT32, 6L, 4L), null),
        "test: Gemm: expected a weight of as many columns,"
            + " found the result of Reshape FLOAT32(B*T,6), turned FLOAT32(6,4)");
    refused(
        () -> rows.gemm(weight, weight("short", FLOAT32, 3L)),
        "test: Gemm: expected a bias of as many as rows,"
            + " found the result of Reshape FLOAT32(B*T,6), w FLOAT32(4,6), short FLOAT32(3)");
    refused(
        () -> rows.gemm(weight("half", FLOAT16, 4L, 6L), null),
        "test: Gemm: expected values of one type,"
            + " found the result of Reshape FLOAT32(B*T,6), half FLOAT16(4,6)");
    refused(
        () -> rows.layerNorm(weight("norm", FLOAT32, 5L), weight("b5", FLOAT32, 5L), 1e-5),
        "test: LayerNormalization: expected shapes that broadcast,"
            + " found the result of Reshape FLOAT32(B*T,6), norm FLOAT32(5), b5 FLOAT32(5)");
    Tensor pixels = graph.input("pixels", FLOAT32, "B", 3, 28, 28);
    assertThat(pixels.patches(weight("conv", FLOAT32, 8L, 3L, 14L, 14L), weight("c", FLOAT32, 8L)))
        .hasToString("the result of Conv FLOAT32(B,8,2,2)");
    refused(
        () -> x.patches(weight("conv", FLOAT32, 8L, 3L, 14L, 14L), weight("c", FLOAT32, 8L)),
        "test: Conv: expected input 1 of 4 axes,"
            + " found x FLOAT32(B,T,6), conv FLOAT32(8,3,14,14), c FLOAT32(8)");
  }

  @Test
  void quantizedWeightsAreLaidOutInBlocks() {
    Tensor rows = graph.input("rows", FLOAT32, "N", 64);
    Tensor values = weight("values", UINT8, 8L, 2L, 16L);
    Tensor scales = weight("scales", FLOAT32, 8L, 2L);
    assertThat(
            rows.matMulNBits(values, scales, null, new Tensor.WeightBlocks(64, 4, 32, true))
                .shape())
        .hasToString("(N,8)");
    refused(
        () -> rows.matMulNBits(values, scales, null, new Tensor.WeightBlocks(64, 8, 32, true)),
        "test: MatMulNBits: expected input 2 of shape (out,2,32),"
            + " found rows FLOAT32(N,64), values UINT8(8,2,16), scales FLOAT32(8,2)");
    Tensor bytes = weight("bytes", INT8, 64L, 8L);
    Tensor columns = weight("columns", FLOAT32, 8L);
    assertThat(rows.matMulOfBytes(bytes, columns, columns, BYTES).shape()).hasToString("(N,8)");
    assertThatThrownBy(() -> rows.matMulOfBytes(values, scales, null, BYTES))
        .hasMessageStartingWith("test: MatMulIntegerToFloat: expected input 2 of INT8, found ");
    assertThatThrownBy(() -> rows.matMulOfBytes(bytes, scales, null, BYTES))
        .hasMessageStartingWith(
            "test: MatMulIntegerToFloat: expected input 4 of shape (8), found ");
    assertThatThrownBy(() -> x.matMulOfBytes(bytes, columns, null, BYTES))
        .hasMessageStartingWith("test: QuantizeLinear: expected input 1 of 2 axes, found ");
  }

  @Test
  void attentionWantsHeadsThatFit() {
    Tensor.KeysValues seen = new Tensor.KeysValues(x, x);
    assertThat(x.multiHeadAttention(seen, 2, 1, null).shape()).hasToString("(B,T,6)");
    refused(
        () -> x.multiHeadAttention(seen, 4, 1, null),
        "test: MultiHeadAttention: expected a width that 4 heads divide,"
            + " found x FLOAT32(B,T,6), x FLOAT32(B,T,6), x FLOAT32(B,T,6)");
    Tensor past = graph.input("past", FLOAT32, "B", 1, "C", 8);
    Tensor query = graph.input("query", FLOAT32, "B", "T", 16);
    Tensor own = graph.input("own", FLOAT32, "B", "T", 8);
    Tensor last = graph.input("last", INT32, "B");
    Tensor total = graph.input("total", INT32);
    Tensor.CacheStep step = cacheStep(own, past, last, total);
    assertThat(query.groupQueryAttention(step).seen().shape()).hasToString("(B,T,16)");
    assertThat(query.groupQueryAttention(step).present().keys().shape()).hasToString("(B,1,C,8)");
    refused(
        () -> query.groupQueryAttention(cacheStep(query, past, last, total)),
        "test: GroupQueryAttention: expected input 2 of shape (B,T,8),"
            + " found query FLOAT32(B,T,16), query FLOAT32(B,T,16), query FLOAT32(B,T,16),"
            + " past FLOAT32(B,1,C,8), past FLOAT32(B,1,C,8)");
    refused(
        () -> query.groupQueryAttention(cacheStep(own, past, ids, total)),
        "test: GroupQueryAttention: expected input 6 of INT32,"
            + " found query FLOAT32(B,T,16), own FLOAT32(B,T,8), own FLOAT32(B,T,8),"
            + " past FLOAT32(B,1,C,8), past FLOAT32(B,1,C,8), ids INT64(B,T)");
  }

  private static Tensor.CacheStep cacheStep(Tensor own, Tensor past, Tensor last, Tensor total) {
    Tensor.KeysValues both = new Tensor.KeysValues(own, own);
    Tensor.KeysValues cache = new Tensor.KeysValues(past, past);
    return new Tensor.CacheStep(both, cache, last, total, 2, 1, null);
  }
}
