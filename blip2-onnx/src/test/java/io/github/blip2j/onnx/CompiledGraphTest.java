package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Precision;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.testkit.Fixtures;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is compiled is read back by the classes that protoc generated from onnx.proto. */
class CompiledGraphTest {
  private final Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
  private final WeightPlaces places =
      WeightPlaces.of(
          StageForms.FLOAT32,
          checkpoint.weights().all().stream()
              .collect(
                  Collectors.toMap(
                      t -> new WeightPlaces.Request(t, WeightForm.FLOAT32),
                      t -> new WeightPlaces.Stored(t, t))));

  private static OnnxMl.ModelProto parse(byte[] bytes) throws Exception {
    OnnxMl.ModelProto model = OnnxMl.ModelProto.parseFrom(bytes);
    assertThat(model.getUnknownFields().asMap()).isEmpty();
    assertThat(model.toByteArray()).hasSameSizeAs(bytes);
    return model;
  }

  @Test
  void weightsAreNamedByFileOffsetAndLength() throws Exception {
    OnnxMl.GraphProto graph =
        parse(StageGraph.compile(checkpoint.program().vision(), places)).getGraph();
    WeightTensor stored = checkpoint.weights().tensor("vision_model.post_layernorm.weight", 24);
    OnnxMl.TensorProto weight =
        graph.getInitializerList().stream()
            .filter(t -> t.getName().equals(stored.name()))
            .findFirst()
            .orElseThrow();
    assertThat(weight.getDataLocation()).isEqualTo(OnnxMl.TensorProto.DataLocation.EXTERNAL);
    assertThat(weight.getExternalDataList())
        .extracting(OnnxMl.StringStringEntryProto::getKey, OnnxMl.StringStringEntryProto::getValue)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("location", "model.safetensors"),
            org.assertj.core.groups.Tuple.tuple("offset", Long.toString(stored.offset())),
            org.assertj.core.groups.Tuple.tuple("length", "96"));
  }

  /** Else ONNX Runtime compares every value with all before it, and opens in seconds. */
  @Test
  void everyLaidOutValueOfAnImagesStagesHasAShape() throws Exception {
    for (Stage stage : List.of(checkpoint.program().vision(), checkpoint.program().qformer())) {
      OnnxMl.GraphProto graph = parse(StageGraph.compile(stage, places)).getGraph();
      Set<String> described =
          graph.getValueInfoList().stream()
              .map(OnnxMl.ValueInfoProto::getName)
              .collect(Collectors.toSet());
      List<String> laidOut =
          graph.getNodeList().stream()
              .filter(n -> n.getOpType().equals("Reshape"))
              .map(n -> n.getOutput(0))
              .toList();
      assertThat(laidOut).as(stage.name()).isNotEmpty().allMatch(described::contains);
    }
  }

  @Test
  void everyValueIsSetOnceBeforeItIsUsed() throws Exception {
    Stage decoder = checkpoint.program().language().decoder();
    CachePlan cache = CachePlan.of(decoder, Precision.FLOAT32, GraphTarget.CPU);
    OnnxMl.GraphProto graph = parse(StageGraph.decoder(decoder, places, cache)).getGraph();
    Set<String> known = new HashSet<>();
    graph.getInputList().forEach(i -> known.add(i.getName()));
    graph.getInitializerList().forEach(i -> known.add(i.getName()));
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      assertThat(known).as(node.getName()).containsAll(node.getInputList());
      node.getOutputList().forEach(o -> assertThat(known.add(o)).as(o).isTrue());
    }
    graph.getOutputList().forEach(o -> assertThat(known).contains(o.getName()));
    assertThat(
            Map.of(
                "layers",
                graph.getNodeList().stream()
                    .filter(n -> n.getOpType().equals("GroupQueryAttention"))
                    .count()))
        .containsEntry("layers", 3L);
  }
}
