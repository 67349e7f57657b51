package io.github.blip2j.session;

import io.github.blip2j.core.Precision;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.WeightUses;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Memory that the linear layers of a stage take, for estimates before loading. */
public final class WeightBytes {
  private WeightBytes() {}

  /** Bytes of the vision encoder's linear layers in a precision. */
  public static long vision(ModelProgram program, Precision precision) {
    return of(precision, program.vision());
  }

  /** Bytes of the Q-Former's linear layers, and of what matches by it, in a precision. */
  public static long qformer(ModelProgram program, Precision precision) {
    return program.head() instanceof ModelProgram.Matching matching
        ? of(precision, program.qformer(), matching.text(), matching.pairs())
        : of(precision, program.qformer());
  }

  /** Bytes of the language model's linear layers, its head included, in a precision. */
  public static long language(ModelProgram program, Precision precision) {
    LanguageProgram language = program.language();
    return language
        .encoder()
        .map(encoder -> of(precision, encoder, language.decoder()))
        .orElseGet(() -> of(precision, language.decoder()));
  }

  /** The same of what writes: of an encoder and decoder, the decoder's step alone. */
  public static long decoder(ModelProgram program, Precision precision) {
    return of(precision, program.language().decoder());
  }

  /** A weight that several stages use counts once. */
  private static long of(Precision precision, Stage... stages) {
    Map<String, Long> elements = new HashMap<>();
    for (Stage stage : stages) {
      WeightUses uses = WeightUses.of(stage);
      Stream.concat(uses.linear().stream(), uses.inFloat32().stream())
          .forEach(t -> elements.put(t.name(), t.elements()));
    }
    return (long) (elements.values().stream().mapToLong(n -> n).sum() * each(precision));
  }

  /** Bytes a weight, its part of a scale included. */
  private static double each(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 4;
      case FLOAT16, BFLOAT16 -> 2;
      case INT8 -> 1 + 4.0 / 128;
      case INT4 -> 0.5 + 4.0 / 128;
      case INT4_BLOCK32 -> 0.5 + 4.0 / 32;
    };
  }
}
