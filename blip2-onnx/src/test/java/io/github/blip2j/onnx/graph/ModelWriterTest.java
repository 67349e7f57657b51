package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What we write is read back by the classes that protoc generated from onnx.proto. */
class ModelWriterTest {
  private static OnnxMl.ModelProto parse(byte[] bytes) throws Exception {
    OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(bytes);
    assertThat(model.getUnknownFields().asMap()).isEmpty();
    assertThat(model.toByteArray()).hasSameSizeAs(bytes);
    return model;
  }

  @Test
  void writesAttributesNodesAndConstants() throws Exception {
    OnnxGraph graph = new OnnxGraph("test");
    Tensor shape = graph.integers(-1, 1L << 40);
    assertThat(graph.integers(-1, 1L << 40)).isEqualTo(shape);
    Tensor x = graph.input("x", FLOAT32, "B", 3);
    int[] ints = {3, -4};
    Operator fancy = Operator.microsoft("Fancy", x, shape);
    Tensor y = fancy.with("i", -7).with("f", 0.5).with("ints", ints).gives(INT32, Shape.of());
    graph.output("out", y);
    OnnxMl.ModelProto model = parse(graph.toModel());
    assertThat(model.getOpsetImportList())
        .extracting(o -> o.getDomain())
        .containsExactly("", "com.microsoft");
    OnnxMl.NodeProto node = model.getGraph().getNode(0);
    assertThat(node.getDomain()).isEqualTo("com.microsoft");
    assertThat(node.getAttributeList())
        .extracting(OnnxMl.AttributeProto::getName)
        .containsExactly("f", "i", "ints");
    assertThat(node.getAttribute(0).getF()).isEqualTo(0.5f);
    assertThat(node.getAttribute(0).getType()).isEqualTo(OnnxMl.AttributeProto.AttributeType.FLOAT);
    assertThat(node.getAttribute(1).getI()).isEqualTo(-7);
    assertThat(node.getAttribute(2).getIntsList()).containsExactly(3L, -4L);
    OnnxMl.TensorProto constant = model.getGraph().getInitializer(0);
    assertThat(constant.getDimsList()).containsExactly(2L);
    assertThat(
            constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong(8))
        .isEqualTo(1L << 40);
    OnnxMl.TensorShapeProto dims =
        model.getGraph().getInput(0).getType().getTensorType().getShape();
    assertThat(dims.getDim(0).getDimParam()).isEqualTo("B");
    assertThat(dims.getDim(1).getDimValue()).isEqualTo(3);
  }

  @Test
  void valuesWithoutANameAreNumberedInTheirOrder() throws Exception {
    OnnxGraph graph = new OnnxGraph("test");
    Tensor x = graph.input("x", FLOAT32, "B", 3);
    Tensor first = x.add(x);
    Tensor second = first.relu().named("second");
    graph.output("out", second.mul(first), "B", 3);
    graph.output(second, "B", 3);
    OnnxMl.GraphProto written = parse(graph.toModel()).getGraph();
    assertThat(written.getNodeList())
        .extracting(n -> n.getName() + n.getInputList() + n.getOutputList())
        .containsExactly(
            "Add_v0[x, x][v0]",
            "Relu_second[v0][second]",
            "Mul_v1[second, v0][v1]",
            "Identity_out[v1][out]");
    assertThat(written.getOutputList())
        .extracting(OnnxMl.ValueInfoProto::getName)
        .containsExactly("out", "second");
  }

  @Test
  void aNodeIsInTheInnermostGraphOfItsInputs() throws Exception {
    OnnxGraph graph = new OnnxGraph("outer");
    Tensor x = graph.input("x", FLOAT32, 3);
    Tensor asked = graph.input("asked", ElementType.BOOL);
    OnnxGraph yes = graph.body("yes");
    yes.output(x.add(yes.real(1)).named("more"), 3);
    OnnxGraph no = graph.body("no");
    no.output(no.see(x).relu().named("less"), 3);
    graph.output("out", asked.choose(yes, no), 3);
    OnnxMl.GraphProto written = parse(graph.toModel()).getGraph();
    OnnxMl.NodeProto choice = written.getNode(0);
    assertThat(choice.getOpType()).isEqualTo("If");
    assertThat(choice.getAttributeList())
        .extracting(a -> a.getName() + " " + a.getG().getNode(0).getName())
        .containsExactly("else_branch Relu_less", "then_branch Add_more");
    assertThat(written.getInitializerList())
        .extracting(OnnxMl.TensorProto::getName)
        .isEqualTo(List.of("const_1.0"));
    assertThat(choice.getAttribute(0).getG().getInitializerCount()).isZero();
  }

  @Test
  void shapesAreWrittenWhereTheyAreKnownByName() throws Exception {
    OnnxGraph graph = new OnnxGraph("test");
    Tensor x = graph.input("x", FLOAT32, "B", 5, 6);
    Tensor rows = x.reshape(-1, 6).named("rows");
    Tensor cube = rows.relu().reshape(-1, 5, 6).named("cube");
    cube.slice(0, 0, 2).reshape(-1, 6).named("unknown");
    graph.output("out", cube, "B", 5, 6);
    OnnxMl.GraphProto written = parse(graph.toModel()).getGraph();
    assertThat(written.getValueInfoList())
        .extracting(v -> v.getName() + sizes(v))
        .containsExactly("rows[5*B, 6]", "cube[B, 5, 6]");
  }

  private static List<String> sizes(OnnxMl.ValueInfoProto value) {
    return value.getType().getTensorType().getShape().getDimList().stream()
        .map(d -> d.hasDimParam() ? d.getDimParam() : Long.toString(d.getDimValue()))
        .toList();
  }
}
