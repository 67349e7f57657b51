package io.github.blip2j.spi;

import io.github.blip2j.files.WeightTensor;
import java.util.List;

/**
 * What is to be trained: of the Q-Former its layers, queries and projection, or of the language
 * model changes of low rank. All else stays as it is. Everything is computed in float32, without
 * dropout.
 *
 * @param model the checkpoint, and where to run it; its precisions are not looked at
 * @param changes of linear layers of the language model; none for the Q-Former
 */
public record TrainingRequest(LoadRequest model, List<LowRankChange> changes) {
  /** Copies the list. */
  public TrainingRequest {
    changes = List.copyOf(changes);
  }

  /** What a batch gives of its images. */
  public enum Input {
    /** The vision encoder's vectors (B,N,E). */
    PATCHES,
    /** The projected query vectors (B,Q,d), which a frozen Q-Former gives. */
    FEATURES
  }

  /**
   * What a batch gives of its images.
   *
   * @return patches where the Q-Former is trained
   */
  public Input input() {
    return changes.isEmpty() ? Input.PATCHES : Input.FEATURES;
  }

  /**
   * y + scale · B·A·x beside a linear layer y = W·x + b (Hu et al. 2021, LoRA).
   *
   * @param weight W (out,in)
   * @param rank r: A is (r,in), B (out,r)
   * @param scale α/r
   */
  public record LowRankChange(WeightTensor weight, int rank, double scale) {
    /** Checks the rank. */
    public LowRankChange {
      if (rank < 1 || rank > Math.min(weight.size(0), weight.size(1))) {
        throw new IllegalArgumentException(
            "rank (" + rank + ") must be 1 to the smaller side of " + weight.shape());
      }
    }

    /**
     * The layer's name.
     *
     * @return the weight's without {@code .weight}
     */
    public String module() {
      String name = weight.name();
      return name.substring(0, name.lastIndexOf('.'));
    }

    /**
     * Name of A.
     *
     * @return that of the parameter
     */
    public String down() {
      return module() + ".lora_A.weight";
    }

    /**
     * Name of B.
     *
     * @return that of the parameter
     */
    public String up() {
      return module() + ".lora_B.weight";
    }
  }
}
