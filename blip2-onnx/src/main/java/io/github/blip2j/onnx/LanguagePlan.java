package io.github.blip2j.onnx;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precision;
import io.github.blip2j.family.LanguageProgram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a language model runs.
 *
 * @param decoder its step
 * @param encoder what reads a prompt, if a stage of its own does
 * @param cache of the decoder, and of the draft
 * @param stepsAhead the most that the loop behind a step takes; 0 if there is no loop
 * @param draft the decoder with cheaper weights that guesses, if there is one
 */
record LanguagePlan(
    StagePlan decoder,
    @Nullable StagePlan encoder,
    CachePlan cache,
    Decision<Integer> stepsAhead,
    @Nullable StagePlan draft) {
  private static final int MOST_AHEAD = 64;

  /**
   * Plans a language model.
   *
   * @param draft precision of the cheaper decoder, or null
   */
  static LanguagePlan of(
      LanguageProgram program,
      Precision precision,
      @Nullable Precision draft,
      StagePlan.Start start) {
    StagePlan.Kind kind = StagePlan.Kind.TEXT;
    String step = program.decoder().name();
    return new LanguagePlan(
        StagePlan.of(step, kind, precision, start),
        program.encoder().isPresent() ? StagePlan.of("encoder", kind, precision, start) : null,
        CachePlan.of(program.decoder(), precision, start.target()),
        start.target() == GraphTarget.CUDA
            ? new Decision<>("language loop", MOST_AHEAD, "keeps the cache on the CUDA device")
            : new Decision<>("language loop", 0, "a call costs the CPU next to nothing"),
        draft == null ? null : StagePlan.of("draft", StagePlan.Kind.DRAFT, draft, start));
  }

  /** Whether the graph has a loop behind its step. */
  boolean loop() {
    return stepsAhead.choice() > 0;
  }

  List<Decision<?>> decisions() {
    List<Decision<?>> all = new ArrayList<>();
    if (encoder != null) {
      all.addAll(encoder.decisions());
    }
    all.addAll(decoder.decisions());
    all.addAll(cache.decisions());
    all.add(stepsAhead);
    if (draft != null) {
      all.addAll(draft.decisions());
    }
    return all;
  }
}
