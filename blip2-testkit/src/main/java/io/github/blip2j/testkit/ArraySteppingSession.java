package io.github.blip2j.testkit;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Goes on as a graph's loop does: the inputs of each further step are computed from its tokens. */
final class ArraySteppingSession extends ArraySession implements SteppingSession {
  ArraySteppingSession(ArrayLanguage model, Lengths lengths, Cache cache) {
    super(model, lengths, cache);
  }

  @Override
  public int[][] appendAhead(
      float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    return appendAhead(new Given(features, tokens), further, logits, this::runLoop);
  }

  private int[][] runLoop(StepPlan first, Given given, FurtherSteps further, float[] logits) {
    run(first, given.features(), given.tokens(), logits);
    int[][] appended = new int[further.most()][];
    for (int step = 0; step < further.most(); step++) {
      int[] ids = chosen(further, step, logits);
      if (Arrays.stream(ids).allMatch(config().endTokens()::contains)) {
        return Arrays.copyOf(appended, step);
      }
      appended[step] = ids;
      goOn(ids, first.total() + step, logits, (step + 1) * rows() * config().vocabularySize());
    }
    return appended;
  }

  /** Each row's token, from the logits of the step before. */
  private int[] chosen(FurtherSteps further, int step, float[] logits) {
    int size = config().vocabularySize();
    return IntStream.range(0, rows())
        .map(
            row -> {
              int at = (step * rows() + row) * size;
              float[] own = Arrays.copyOfRange(logits, at, at + size);
              return TokenChoices.choose(further.choices().get(row), step, own);
            })
        .toArray();
  }

  /** A step of one token a row at the same position. */
  private void goOn(int[] ids, int position, float[] logits, int offset) {
    int rows = rows();
    long[] positions = new long[rows];
    int[] lengths = new int[rows];
    Arrays.fill(positions, position);
    Arrays.fill(lengths, position + 1);
    long[] tokens = Arrays.stream(ids).asLongStream().toArray();
    long[] last = IntStream.range(0, rows).asLongStream().toArray();
    Ops ops = new Ops(new StepPlan(0, 1, tokens, positions, lengths, last, position + 1, true));
    LanguageProgram.NextStep next = program().nextStep();
    Map<String, ArrayValue> given = new HashMap<>();
    next.values(lengths().capacity()).forEach((name, t) -> given.put(name, ArrayValue.of(t)));
    ArrayValue column = new ArrayValue(Arrays.stream(ids).asDoubleStream().toArray(), rows, 1, 1);
    Map<String, ArrayValue> inputs = next.decoderInputs(ops, column, new Stage.Inputs<>(given));
    List<ArrayValue> outputs = program().decoder().apply(ops, inputs);
    give(outputs, logits, offset);
  }

  @Override
  public ArraySteppingSession fork(int[] rows, int capacity) {
    return fork(
        rows, capacity, (lengths, copy) -> new ArraySteppingSession(model(), lengths, copy));
  }
}
