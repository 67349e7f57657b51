package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.RetrievalConfig;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.TextRows;
import io.github.blip2j.spi.Retrieval;
import java.util.Arrays;

/** The heads that match pictures and texts, over arrays. */
record ArrayRetrieval(ModelConfig config, RetrievalConfig heads, RetrievalNetwork network)
    implements Retrieval {
  @Override
  public Texts read(int[][] tokens) {
    ArrayOps ops = new ArrayOps();
    TextRows rows = TextRows.of(heads, tokens, 0);
    ArrayValue read =
        network.text(
            ops,
            numbers(rows.ids(), rows),
            numbers(rows.places(), rows),
            numbers(rows.mask(), rows));
    return new Texts(read.floats(), network.textFeatures(ops, read).floats());
  }

  @Override
  public Pairs match(float[] patches, int[][] tokens) {
    Inputs.patches(config, patches, 1);
    ArrayOps ops = new ArrayOps();
    TextRows rows = TextRows.of(heads, tokens, config.qformer().queries());
    ArrayValue picture =
        ArrayValue.of(patches, 1, config.vision().patches(), config.vision().hiddenSize());
    ArrayValue read =
        network.multimodal(
            ops,
            picture,
            numbers(rows.ids(), rows),
            numbers(rows.places(), rows),
            numbers(rows.mask(), rows));
    return new Pairs(read.floats(), network.matching(ops, read).floats());
  }

  private static ArrayValue numbers(long[] values, TextRows rows) {
    double[] data = Arrays.stream(values).asDoubleStream().toArray();
    return new ArrayValue(data, rows.rows(), data.length / rows.rows(), 1);
  }
}
