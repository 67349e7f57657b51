package io.github.blip2j.djl;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Stage;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the model text for training. A text is whole, so that nothing is kept for a next step,
 * and no tensor is written in place that a gradient goes through. Beside linear layers there may be
 * changes of low rank.
 */
final class TrainingOps extends TorchOps {
  private final TrainingWeights weights;
  private final Map<String, LowRankChange> changes;
  private List<String> memory = List.of();

  /**
   * For one method.
   *
   * @param decoder is the last of its stages
   * @param changes by the name of the weight that they are beside
   */
  TrainingOps(TrainingWeights weights, Stage decoder, Map<String, LowRankChange> changes) {
    super(LinearKernel.PLAIN, new WeightSlots(), decoder);
    this.weights = weights;
    this.changes = changes;
  }

  /** What the encoder read: keys and values of each layer in turn. */
  void remember(List<String> read) {
    memory = read;
  }

  @Override
  String weight(WeightTensor tensor) {
    return "w[" + weights.slot(tensor) + "]";
  }

  @Override
  public String linear(String x, WeightTensor weight, @Nullable WeightTensor bias) {
    String y = super.linear(x, weight, bias);
    LowRankChange change = changes.get(weight.name());
    if (change == null) {
      return y;
    }
    String down = "w[" + weights.slot(change.down(), change.rank(), weight.size(1)) + "]";
    String up = "w[" + weights.slot(change.up(), weight.size(0), change.rank()) + "]";
    String low = set("torch.linear(%s, %s, None)", x, down); // (B,T,r)
    return set("torch.add(%s, torch.linear(%s, %s, None), alpha=%s)", y, low, up, change.scale());
  }

  @Override
  public String cachedAttention(Attended<String> x, Heads heads, int layer, @Nullable String bias) {
    String mask = bias == null ? "None, 0., True" : bias + ", 0., False";
    return attended(heads(x.query(), heads.count()), x.key(), x.value(), heads, mask);
  }

  @Override
  public String memoryAttention(String query, Heads heads, int layer) {
    String keys = memory.get(2 * layer);
    String values = memory.get(2 * layer + 1);
    String asked = heads(query, heads.count());
    return attended(asked, keys, values, heads, "memory_bias, 0., False");
  }
}
