package io.github.blip2j.spi;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.WeightUses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program's weights as ordinary tensors: those of linear layers in the bits of their stage's
 * precision, all others as they are stored. One that serves both stays as it is.
 */
final class PlainWeights {
  private final String backend;
  private final Map<WeightTensor, DType> types = new LinkedHashMap<>();

  private PlainWeights(String backend) {
    this.backend = backend;
  }

  static List<PreparedWeight> of(String backend, LoadRequest request) {
    PlainWeights plain = new PlainWeights(backend);
    ModelProgram program = request.program();
    Precisions precisions = request.execution().precisions();
    plain.stage(program.vision(), precisions.vision());
    plain.stage(program.qformer(), precisions.qformer());
    if (program.head() instanceof LanguageProgram language) {
      language.encoder().ifPresent(e -> plain.stage(e, precisions.language()));
      plain.stage(language.decoder(), precisions.language());
    } else {
      plain.stage(program.matching().text(), precisions.qformer());
      plain.stage(program.matching().pairs(), precisions.qformer());
    }
    return plain.types.entrySet().stream()
        .map(e -> PreparedWeight.of(e.getKey(), PreparedWeight.PLAIN, e.getValue()))
        .toList();
  }

  private void stage(Stage stage, Precision precision) {
    WeightUses uses = stage.weights();
    uses.linear().forEach(w -> put(w, narrow(w, precision)));
    uses.inFloat32().forEach(w -> put(w, stored(w)));
    uses.tables().forEach(w -> put(w, stored(w)));
    uses.others().forEach(w -> put(w, stored(w)));
  }

  private void put(WeightTensor weight, DType type) {
    types.merge(weight, type, (a, b) -> a == b ? a : stored(weight));
  }

  /** Float64 is narrowed by whoever reads it. */
  private static DType stored(WeightTensor weight) {
    return weight.dtype() == DType.F64 ? DType.F32 : weight.dtype();
  }

  private DType narrow(WeightTensor weight, Precision precision) {
    return switch (precision) {
      case FLOAT32 -> stored(weight);
      case FLOAT16 -> DType.F16;
      case BFLOAT16 -> DType.BF16;
      default ->
          throw new BackendUnavailableException(
              backend
                  + ": precision: expected float32, float16 or bfloat16, whose weights can be"
                  + " stored, found "
                  + precision.label()
                  + ", which this backend packs anew at each opening");
    };
  }
}
