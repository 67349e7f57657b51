package io.github.blip2j.train;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** Where changes of low rank stand in a language model, and what they begin with. */
final class LowRank {
  private LowRank() {}

  /**
   * The layers that options name.
   *
   * @throws CheckpointException if the model has none of them; names those that it has
   */
  static List<LowRankChange> of(ModelProgram program, LoraOptions options) {
    List<WeightTensor> linear = program.language().weights().linear();
    double scale = options.alpha() / options.rank();
    List<LowRankChange> changes =
        linear.stream()
            .filter(t -> options.layers().contains(layer(t)))
            .map(t -> new LowRankChange(t, options.rank(), scale))
            .toList();
    if (changes.isEmpty()) {
      TreeSet<String> found = new TreeSet<>(linear.stream().map(LowRank::layer).toList());
      throw new CheckpointException(
          "lora: expected a language model with layers of "
              + options.layers()
              + ", found those of "
              + found);
    }
    return changes;
  }

  /** The word in front of {@code .weight}. */
  private static String layer(WeightTensor tensor) {
    String[] words = tensor.name().split("\\.");
    return words.length < 2 ? "" : words[words.length - 2];
  }

  /** A uniform in ±1/√in and B 0, as PEFT begins: the change is 0, and its gradient is not. */
  static void begin(TrainingModel model, List<LowRankChange> changes, long seed) {
    Random random = new Random(seed);
    for (LowRankChange change : changes) {
      int in = change.weight().size(1);
      float[] down = new float[change.rank() * in];
      for (int i = 0; i < down.length; i++) {
        down[i] = (float) ((2 * random.nextDouble() - 1) / Math.sqrt(in));
      }
      model.restore(change.down(), TrainingModel.State.fresh(down));
    }
  }
}
