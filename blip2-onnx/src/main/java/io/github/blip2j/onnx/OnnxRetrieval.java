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
    try (SmallTensors tensors = new SmallTensors()) {
      float[][] read = text.run(inputs(tensors, rows), outputs, sizes);
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
    try (SmallTensors tensors = new SmallTensors();
        FloatTensor picture = new FloatTensor(patches, 1, count, config.vision().hiddenSize())) {
      Map<String, OnnxTensor> inputs = inputs(tensors, rows);
      inputs.put(ImageGraphs.PATCHES, picture.tensor());
      float[][] read = pairs.run(inputs, outputs, sizes);
      return new Pairs(read[0], read[1]);
    }
  }

  private static Map<String, OnnxTensor> inputs(SmallTensors tensors, TextRows rows) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    long batch = rows.rows();
    inputs.put(RetrievalGraphs.IDS, tensors.longs(rows.ids(), batch, rows.width()));
    inputs.put(RetrievalGraphs.PLACES, tensors.longs(rows.places(), batch, rows.width()));
    long[] mask = rows.mask();
    inputs.put(RetrievalGraphs.MASK, tensors.longs(mask, batch, mask.length / batch));
    return inputs;
  }

  @Override
  public void close() {
    text.close();
    pairs.close();
  }
}
