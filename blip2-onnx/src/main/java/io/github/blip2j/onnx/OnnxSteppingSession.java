package io.github.blip2j.onnx;

import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.stage.StepPlan;

/** A session that goes on in the loop behind the graph's step. */
final class OnnxSteppingSession extends OnnxLanguageSession implements SteppingSession {
  OnnxSteppingSession(OnnxLanguage model, Lengths lengths, KeyValueCache cache) {
    super(model, lengths, cache);
  }

  @Override
  public int[][] appendAhead(
      float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    return appendAhead(new Given(features, tokens), further, logits, this::runLoop);
  }

  private int[][] runLoop(StepPlan step, Given given, FurtherSteps further, float[] logits) {
    if (rowByRow(step)) {
      run(step, given.features(), given.tokens(), logits);
      return new int[0][];
    }
    LoopInputs loop = new LoopInputs(further.most(), further.choices());
    return run(model().step(), step, given.features(), logits, loop);
  }

  @Override
  public OnnxSteppingSession fork(int[] rows, int capacity) {
    return fork(rows, capacity, (lengths, copy) -> new OnnxSteppingSession(model(), lengths, copy));
  }
}
