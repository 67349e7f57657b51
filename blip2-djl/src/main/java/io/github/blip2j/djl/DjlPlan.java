package io.github.blip2j.djl;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.DType;
import io.github.blip2j.spi.Execution;
import java.util.List;
import java.util.Locale;

/**
 * Which kernel computes the linear layers of each stage, and why: the fastest of those that give
 * the right product here.
 *
 * @param execution what it follows from
 * @param vision of the vision encoder: hundreds of rows
 * @param qformer of the Q-Former and the heads that match
 * @param language of the language model: one row a token
 */
record DjlPlan(
    Execution execution,
    Decision<LinearKernel> vision,
    Decision<LinearKernel> qformer,
    Decision<LinearKernel> language) {
  private static final double PAYS = 1.2; // a speed, beside float32's

  /** The precisions that are usual on a device. */
  static Precisions usual(Device device) {
    return Precisions.of(device.type() == Device.Type.CUDA ? Precision.FLOAT16 : Precision.FLOAT32);
  }

  /**
   * The precisions of a recipe. Eight bits are in none: one scale for all activations of a layer
   * leaves little of them beside outlier channels.
   *
   * @throws BackendUnavailableException if there is none
   */
  static Precisions of(Recipe recipe, Device device) {
    return switch (recipe) {
      case EXACT -> Precisions.of(Precision.FLOAT32);
      case BALANCED -> Precisions.of(Precision.FLOAT16);
      case SMALL ->
          throw new BackendUnavailableException(
              "djl: precision: expected exact or balanced on "
                  + device
                  + ", found small, which backend onnx has on a processor; balanced is float16"
                  + " here");
    };
  }

  /**
   * Plans.
   *
   * @param probes what was tried on this processor
   * @throws BackendUnavailableException if there is no kernel for a precision
   */
  static DjlPlan of(Execution execution, Probes probes) {
    boolean cpu = execution.device().type() == Device.Type.CPU;
    Kernels kernels = new Kernels(cpu, probes);
    boolean mapped = execution.layout() == WeightLayout.MAPPED;
    Precisions precisions = execution.precisions();
    return new DjlPlan(
        execution,
        kernels.choose("vision weights", precisions.vision(), LinearKernel.PACKED),
        kernels.choose("qformer weights", precisions.qformer(), LinearKernel.PACKED),
        kernels.choose(
            "language weights",
            precisions.language(),
            mapped ? LinearKernel.MAPPED : LinearKernel.PACKED));
  }

  /** What is tried before it is chosen. */
  interface Probes {
    /** Whether a kernel gives the right product on this processor. */
    boolean works(LinearKernel kernel);

    /** How many times as fast as float32's a kernel's products of many rows are here. */
    default double speed(LinearKernel kernel) {
      return 0;
    }
  }

  /** What there is to choose from. */
  private record Kernels(boolean cpu, Probes probes) {
    Decision<LinearKernel> choose(String part, Precision precision, LinearKernel float32) {
      return switch (precision) {
        case FLOAT32 ->
            usable(float32)
                ? new Decision<>(part, float32, reason(float32))
                : new Decision<>(part, LinearKernel.PLAIN, without("oneDNN"));
        case FLOAT16 ->
            usable(LinearKernel.FBGEMM_FLOAT16)
                ? new Decision<>(part, LinearKernel.FBGEMM_FLOAT16, "sums stay float32")
                : new Decision<>(part, LinearKernel.HALF, without("fbgemm"));
        case BFLOAT16 -> bfloat16(part);
        case INT8 -> eight(part);
        default ->
            throw new BackendUnavailableException(
                "djl: precision: expected float32, float16, bfloat16 or int8, found "
                    + precision.label());
      };
    }

    private Decision<LinearKernel> bfloat16(String part) {
      if (!cpu) {
        return new Decision<>(part, LinearKernel.BFLOAT16, "bfloat16 asked for");
      }
      double speed = probes.speed(LinearKernel.BFLOAT16);
      String found =
          String.format(
              Locale.ROOT, "bfloat16 products are %.1f times as fast as float32's here", speed);
      if (speed >= PAYS) {
        return new Decision<>(part, LinearKernel.BFLOAT16, found);
      }
      return usable(LinearKernel.FBGEMM_BFLOAT16)
          ? new Decision<>(
              part, LinearKernel.FBGEMM_BFLOAT16, found + ": products and sums are float32")
          : new Decision<>(part, LinearKernel.BFLOAT16, found + ", and " + without("fbgemm"));
    }

    private Decision<LinearKernel> eight(String part) {
      if (usable(LinearKernel.FBGEMM_INT8)) {
        return new Decision<>(part, LinearKernel.FBGEMM_INT8, "sums of eight bits are right here");
      }
      if (usable(LinearKernel.FBGEMM_INT8_REDUCED)) {
        return new Decision<>(
            part, LinearKernel.FBGEMM_INT8_REDUCED, "sums of more than seven bits saturate here");
      }
      throw new BackendUnavailableException(
          "djl: precision: int8 has a kernel on processors with fbgemm only, found none");
    }

    private static String reason(LinearKernel float32) {
      return float32 == LinearKernel.MAPPED
          ? "one row is bound by memory: read where it lies"
          : "many rows are bound by arithmetic: reordered";
    }

    private String without(String library) {
      return cpu
          ? library + " gives no right product on this processor"
          : library + " is for processors";
    }

    private boolean usable(LinearKernel kernel) {
      return cpu && probes.works(kernel);
    }
  }

  /** The kernels alone. */
  Lowering lowering() {
    return new Lowering(vision.choice(), qformer.choice(), language.choice());
  }

  /** Every decision with its reason. */
  List<Decision<?>> decisions() {
    return List.of(vision, qformer, language);
  }

  /**
   * Private memory of the host that the weights will take: what a kernel makes its own copies of,
   * and all of a checkpoint that is not stored in float32. Those for a GPU go to it.
   */
  long privateBytes(Checkpoint checkpoint, ModelProgram program) {
    if (execution.device().type() == Device.Type.CUDA) {
      return 0;
    }
    Precisions precisions = execution.precisions();
    boolean widened = checkpoint.weights().all().stream().anyMatch(t -> t.dtype() != DType.F32);
    long bytes = 0;
    if (widened || copies(vision)) {
      bytes += program.vision().weights().linearBytes(precisions.vision());
    }
    if (widened || copies(qformer)) {
      bytes += program.qformerWeights().linearBytes(precisions.qformer());
    }
    if ((widened || copies(language)) && program.head() instanceof LanguageProgram) {
      bytes += program.language().weights().linearBytes(precisions.language());
    }
    return bytes;
  }

  private static boolean copies(Decision<LinearKernel> kernel) {
    return kernel.choice().keeping() != LinearKernel.Keeping.AS_IT_IS;
  }
}
