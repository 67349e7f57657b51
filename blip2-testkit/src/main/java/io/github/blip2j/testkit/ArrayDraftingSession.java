package io.github.blip2j.testkit;

import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.stage.StepPlan;

/** The draft is the oracle itself, but every third of its guesses is wrong. */
final class ArrayDraftingSession extends ArraySession implements DraftingSession {
  private int guesses;

  ArrayDraftingSession(ArrayLanguage model, Lengths lengths, Cache cache) {
    super(model, lengths, cache);
  }

  @Override
  public void guess(int token, float[] logits) {
    appendEach(new int[] {token}, logits, this::runDraft);
  }

  private void runDraft(StepPlan step, float[] features, int[][] tokens, float[] logits) {
    run(step, features, tokens, logits);
    if (++guesses % 3 == 0) {
      logits[guesses % config().vocabularySize()] = 1e9f;
    }
  }

  @Override
  public ArrayDraftingSession fork(int[] rows, int capacity) {
    return fork(
        rows, capacity, (lengths, copy) -> new ArrayDraftingSession(model(), lengths, copy));
  }
}
