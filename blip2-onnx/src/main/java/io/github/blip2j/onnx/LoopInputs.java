package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What a graph with a loop is given beside its step's inputs, and gives beside its logits.
 *
 * @param further steps behind the first; the graph is given none too
 * @param choices one a row; counts only where there are further steps
 */
record LoopInputs(int further, List<TokenChoice> choices) {
  static final Set<String> OUTPUTS = Set.of(DecodingLoopGraph.APPENDED, DecodingLoopGraph.AHEAD);

  /** A step alone, of so many rows. */
  static LoopInputs none(int rows) {
    return new LoopInputs(0, Collections.nCopies(rows, TokenChoice.LIKELIEST));
  }

  /**
   * Adds the inputs.
   *
   * @param positions of the cache, C
   */
  void add(
      Map<String, OnnxTensor> inputs, HostTensors tensors, LanguageProgram program, int positions) {
    TextConfig config = program.config();
    int rows = choices.size();
    int vocabulary = config.vocabularySize();
    inputs.put(DecodingLoopGraph.STEPS, tensors.longs(new long[] {further}));
    long[] ends = config.endTokens().stream().mapToLong(Integer::longValue).toArray();
    inputs.put(DecodingLoopGraph.ENDS, tensors.longs(ends, ends.length));
    boolean drawn = choices.stream().anyMatch(TokenChoice::isDrawn);
    inputs.put(TokenChoiceGraph.DRAWN, tensors.bool(drawn));
    inputs.put(TokenChoiceGraph.DRAWS, tensors.floats(draws(), further + 1, rows));
    inputs.put(
        TokenChoiceGraph.TEMPERATURE, tensors.floats(each(c -> (float) c.temperature()), rows, 1));
    inputs.put(TokenChoiceGraph.TOP_P, tensors.floats(each(c -> (float) c.topP()), rows, 1));
    long[] topK = choices.stream().mapToLong(c -> Math.min(c.topK(), vocabulary)).toArray();
    inputs.put(TokenChoiceGraph.TOP_K, tensors.longs(topK, rows, 1));
    long sorted = choices.stream().mapToLong(c -> sorted(c, vocabulary)).max().orElse(1);
    inputs.put(TokenChoiceGraph.SORTED, tensors.longs(new long[] {sorted}, 1));
    inputs.putAll(tensors.all(program.nextStep().values(positions)));
  }

  /** How many of the likeliest tokens a row's bounds need to know. */
  private static long sorted(TokenChoice choice, int vocabulary) {
    if (choice.topK() > 0) {
      return Math.min(choice.topK(), vocabulary);
    }
    return choice.topP() < 1 ? vocabulary : 1;
  }

  private float[] each(Function<TokenChoice, Float> value) {
    float[] values = new float[choices.size()];
    for (int row = 0; row < values.length; row++) {
      values[row] = value.apply(choices.get(row));
    }
    return values;
  }

  /** (further+1,B), with one step more than are drawn, whose token is not used. */
  private float[] draws() {
    float[] draws = new float[(further + 1) * choices.size()];
    for (int row = 0; row < choices.size(); row++) {
      double[] own = choices.get(row).draws();
      for (int step = 0; step <= further; step++) {
        draws[step * choices.size() + row] =
            step < own.length ? Math.min((float) own[step], Math.nextDown(1f)) : -1;
      }
    }
    return draws;
  }

  /**
   * Reads what the loop gave.
   *
   * @param logits receives what followed each further step, (N,B,V)
   * @param offset where they begin
   * @return (N,B) ids that were appended
   */
  int[][] read(Function<String, OnnxTensor> outputs, float[] logits, int offset) {
    FloatBuffer ahead = outputs.apply(DecodingLoopGraph.AHEAD).getFloatBuffer();
    ahead.get(logits, offset, ahead.remaining());
    LongBuffer ids = outputs.apply(DecodingLoopGraph.APPENDED).getLongBuffer();
    int rows = choices.size();
    int[][] appended = new int[ids.remaining() / rows][rows];
    for (int[] step : appended) {
      for (int row = 0; row < rows; row++) {
        step[row] = (int) ids.get();
      }
    }
    return appended;
  }
}
