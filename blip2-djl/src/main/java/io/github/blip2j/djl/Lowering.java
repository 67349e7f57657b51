package io.github.blip2j.djl;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Execution;

/**
 * Which kernel computes the linear layers of a stage.
 *
 * @param vision of the vision encoder: hundreds of rows
 * @param qformer of the Q-Former and the heads that match
 * @param language of the language model: one row a token
 */
record Lowering(LinearKernel vision, LinearKernel qformer, LinearKernel language) {
  /**
   * The fastest kernels of the precisions that give the right product here.
   *
   * @throws BackendUnavailableException if there is none for a precision
   */
  static Lowering choose(Execution execution) {
    boolean cpu = execution.device().type() == Device.Type.CPU;
    boolean mapped = execution.layout() == WeightLayout.MAPPED;
    return new Lowering(
        kernel(execution.precisions().vision(), cpu, LinearKernel.PACKED),
        kernel(execution.precisions().qformer(), cpu, LinearKernel.PACKED),
        kernel(
            execution.precisions().language(),
            cpu,
            mapped ? LinearKernel.MAPPED : LinearKernel.PACKED));
  }

  private static LinearKernel kernel(Precision precision, boolean cpu, LinearKernel float32) {
    return switch (precision) {
      case FLOAT32 -> usable(float32, cpu) ? float32 : LinearKernel.PLAIN;
      case FLOAT16 ->
          usable(LinearKernel.FBGEMM_FLOAT16, cpu)
              ? LinearKernel.FBGEMM_FLOAT16
              : LinearKernel.HALF;
      case BFLOAT16 -> LinearKernel.BFLOAT16;
      case INT8 -> {
        if (!usable(LinearKernel.FBGEMM_INT8, cpu)) {
          throw new BackendUnavailableException(
              "djl: precision: int8 has a kernel on processors with fbgemm only, found none");
        }
        yield LinearKernel.FBGEMM_INT8;
      }
      default ->
          throw new BackendUnavailableException(
              "djl: precision: expected float32, float16, bfloat16 or int8, found "
                  + precision.label());
    };
  }

  private static boolean usable(LinearKernel kernel, boolean cpu) {
    return cpu && KernelProbe.works(kernel);
  }
}
