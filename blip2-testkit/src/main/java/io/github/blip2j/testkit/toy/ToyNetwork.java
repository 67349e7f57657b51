package io.github.blip2j.testkit.toy;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.RmsNorm;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pre-norm blocks with grouped queries and a gated feed-forward layer; the head is the table. */
record ToyNetwork(ToyConfig config, WeightTensor tokens, List<Block> blocks, RmsNorm norm)
    implements LanguageProgram, LanguageProgram.NextStep {
  private static final double EPS = 1e-6;

  static ToyNetwork of(ToyConfig c, Weights weights) {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < c.layers(); i++) {
      blocks.add(Block.of(c, weights.at("layers." + i)));
    }
    return new ToyNetwork(
        c,
        weights.tensor("embed_tokens.weight", c.vocabularySize(), c.hiddenSize()),
        blocks,
        RmsNorm.of(weights.at("norm"), c.hiddenSize(), EPS));
  }

  private <T> List<T> step(Ops<T> ops, Stage.Inputs<T> inputs) {
    T embedded = ops.embedding(inputs.get("ids"), tokens, 0); // (B,T,d)
    T x = ops.concat(inputs.get("features"), embedded); // (B,F+T,d)
    for (int layer = 0; layer < blocks.size(); layer++) {
      x = blocks.get(layer).forward(ops, x, layer); // (B,F+T,d)
    }
    T last = norm.forward(ops, ops.lastPosition(x)); // (L,1,d)
    return List.of(ops.linear(last, tokens, null)); // (L,1,V)
  }

  /** Grouped-query attention, then a gated feed-forward layer; the norm comes first. */
  record Block(
      Heads heads,
      RmsNorm selfNorm,
      Linear query,
      Linear key,
      Linear value,
      Linear out,
      RmsNorm norm,
      Linear gate,
      Linear up,
      Linear down) {
    static Block of(ToyConfig c, Weights w) {
      int d = c.hiddenSize();
      int shared = c.keyValueHeads() * c.headWidth();
      return new Block(
          new Heads(c.heads(), c.keyValueHeads(), Math.pow(c.headWidth(), -0.5)),
          RmsNorm.of(w.at("input_layernorm"), d, EPS),
          Linear.withoutBias(w.at("q_proj"), d, d),
          Linear.withoutBias(w.at("k_proj"), d, shared),
          Linear.withoutBias(w.at("v_proj"), d, shared),
          Linear.withoutBias(w.at("o_proj"), d, d),
          RmsNorm.of(w.at("post_attention_layernorm"), d, EPS),
          Linear.withoutBias(w.at("gate_proj"), d, c.feedForwardSize()),
          Linear.withoutBias(w.at("up_proj"), d, c.feedForwardSize()),
          Linear.withoutBias(w.at("down_proj"), c.feedForwardSize(), d));
    }

    <T> T forward(Ops<T> ops, T x, int layer) { // (B,T,d)
      T n = selfNorm.forward(ops, x); // (B,T,d)
      Ops.Attended<T> all =
          new Ops.Attended<>(query.forward(ops, n), key.forward(ops, n), value.forward(ops, n));
      T a = ops.add(x, out.forward(ops, ops.cachedAttention(all, heads, layer, null))); // (B,T,d)
      T m = norm.forward(ops, a); // (B,T,d)
      T inner = ops.multiply(ops.geluTanh(gate.forward(ops, m)), up.forward(ops, m)); // (B,T,ffn)
      return ops.add(a, down.forward(ops, inner)); // (B,T,d)
    }
  }

  @Override
  public Stage decoder() {
    return new Stage(
        "toy decoder",
        List.of(
            Stage.Input.floats("features", Axis.BATCH, Axis.any("F"), Axis.of(config.hiddenSize())),
            Stage.Input.integers("ids", Axis.BATCH, Axis.any("T"))),
        List.of(Stage.Output.of("logits", Axis.any("L"), Axis.of(config.vocabularySize()))),
        config.cache(),
        CacheLayout.NONE,
        this::step);
  }

  @Override
  public Optional<Stage> encoder() {
    return Optional.empty();
  }

  @Override
  public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
    int d = config.hiddenSize();
    return Map.of(
        "features", new HostTensor.Floats(features, step.rows(), step.features(), d),
        "ids", new HostTensor.Integers(step.ids(), step.rows(), step.width()));
  }

  @Override
  public NextStep nextStep() {
    return this;
  }

  @Override
  public <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given) {
    return Map.of("features", ops.noVectors(ids, config.hiddenSize()), "ids", ids);
  }
}
