package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.TextRows;
import io.github.blip2j.spi.Retrieval;

/** The Q-Former reading texts, and the heads on it. Borrows the module. */
record DjlRetrieval(ModelConfig config, ScriptModule module) implements Retrieval {
  @Override
  public Texts read(int[][] tokens) {
    TextRows rows = TextRows.of(config.retrieval(), tokens, 0);
    try (PtNDManager scope = module.scope()) {
      IValue result =
          module.run(
              "text",
              "text",
              ScriptModule.longs(scope, rows.ids(), rows.rows(), rows.width()),
              ScriptModule.longs(scope, rows.places(), rows.rows(), rows.width()),
              ScriptModule.longs(scope, rows.mask(), rows.rows(), rows.width()));
      float[][] read = ScriptModule.arrays(scope, result);
      return new Texts(read[0], read[1]);
    }
  }

  @Override
  public Pairs match(float[] patches, int[][] tokens) {
    Inputs.patches(config, patches, 1);
    int queries = config.qformer().queries();
    TextRows rows = TextRows.of(config.retrieval(), tokens, queries);
    int count = config.vision().patches();
    int width = config.vision().hiddenSize();
    try (PtNDManager scope = module.scope()) {
      IValue result =
          module.run(
              "pairs",
              "pairs",
              ScriptModule.floats(scope, patches, 1, count, width),
              ScriptModule.longs(scope, rows.ids(), rows.rows(), rows.width()),
              ScriptModule.longs(scope, rows.places(), rows.rows(), rows.width()),
              ScriptModule.longs(scope, rows.mask(), rows.rows(), queries + rows.width()));
      float[][] read = ScriptModule.arrays(scope, result);
      return new Pairs(read[0], read[1]);
    }
  }
}
