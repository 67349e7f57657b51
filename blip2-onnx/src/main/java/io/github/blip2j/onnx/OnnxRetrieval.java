package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.TextRows;
import io.github.blip2j.spi.Retrieval;
import java.util.HashMap;
import java.util.Map;

/** The Q-Former reading texts, and the heads on it. */
record OnnxRetrieval(ModelConfig config, OnnxStage text, OnnxStage pairs)
    implements Retrieval, AutoCloseable {
  @Override
  public Texts read(int[][] tokens) {
    TextRows rows = TextRows.of(config.retrieval(), tokens, 0);
    int vectors = rows.rows() * rows.width();
    String[] outputs = {RetrievalGraphs.STATES, RetrievalGraphs.FEATURES};
    int[] sizes = {
      vectors * config.qformer().hiddenSize(), vectors * config.retrieval().projectionSize()
    };
    try (IntegerTensors integers = new IntegerTensors()) {
      float[][] read = text.run(inputs(integers, rows), outputs, sizes);
      return new Texts(read[0], read[1]);
    }
  }

  @Override
  public Pairs match(float[] patches, int[][] tokens) {
    Inputs.patches(config, patches, 1);
    int queries = config.qformer().queries();
    TextRows rows = TextRows.of(config.retrieval(), tokens, queries);
    String[] outputs = {RetrievalGraphs.QUERIES, RetrievalGraphs.LOGITS};
    int[] sizes = {rows.rows() * queries * config.qformer().hiddenSize(), 2 * rows.rows()};
    int count = config.vision().patches();
    try (IntegerTensors integers = new IntegerTensors();
        FloatTensor picture = new FloatTensor(patches, 1, count, config.vision().hiddenSize())) {
      Map<String, OnnxTensor> inputs = inputs(integers, rows);
      inputs.put(ImageGraphs.PATCHES, picture.tensor());
      float[][] read = pairs.run(inputs, outputs, sizes);
      return new Pairs(read[0], read[1]);
    }
  }

  private static Map<String, OnnxTensor> inputs(IntegerTensors integers, TextRows rows) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    long batch = rows.rows();
    inputs.put(RetrievalGraphs.IDS, integers.longs(rows.ids(), batch, rows.width()));
    inputs.put(RetrievalGraphs.PLACES, integers.longs(rows.places(), batch, rows.width()));
    long[] mask = rows.mask();
    inputs.put(RetrievalGraphs.MASK, integers.longs(mask, batch, mask.length / batch));
    return inputs;
  }

  @Override
  public void close() {
    text.close();
    pairs.close();
  }
}
