package io.github.blip2j.onnx;

import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.DraftingSession;

/** A session over whose cache a decoder with cheaper weights runs too. */
final class OnnxDraftingSession extends OnnxLanguageSession implements DraftingSession {
  private final OnnxStage draft;

  /**
   * Opens one.
   *
   * @param draft the cheaper decoder, lent
   * @param cache owned
   */
  OnnxDraftingSession(OnnxLanguage model, OnnxStage draft, Lengths lengths, KeyValueCache cache) {
    super(model, lengths, cache);
    this.draft = draft;
  }

  @Override
  public void guess(int token, float[] logits) {
    appendEach(
        new int[] {token},
        logits,
        (step, features, tokens, scores) ->
            run(draft, step, features, scores, LoopInputs.none(rows())));
  }

  @Override
  public OnnxDraftingSession fork(int[] rows, int capacity) {
    return fork(
        rows, capacity, (lengths, copy) -> new OnnxDraftingSession(model(), draft, lengths, copy));
  }
}
