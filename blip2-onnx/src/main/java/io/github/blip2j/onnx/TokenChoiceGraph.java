package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;

/**
 * How a graph chooses each row's next token: the likeliest, or, as {@link
 * io.github.blip2j.spi.SteppingSession.TokenChoice} has it, one drawn with numbers that the graph
 * is given.
 */
final class TokenChoiceGraph {
  /** () bool, whether any row's tokens are drawn; the other inputs count only then. */
  static final String DRAWN = "drawn";

  /** (N+1,B) float32, a uniform number for each step; below 0 where the likeliest is taken. */
  static final String DRAWS = "draws";

  /** (B,1) float32. */
  static final String TEMPERATURE = "temperature";

  /** (B,1) int64; 0 for none. */
  static final String TOP_K = "top_k";

  /** (B,1) float32; 0 for the likeliest alone, 1 for none. */
  static final String TOP_P = "top_p";

  /** (1) int64, how many of the likeliest tokens are sorted: as many as any row's bounds need. */
  static final String SORTED = "sorted";

  private static final float LOWEST = -Float.MAX_VALUE;

  private TokenChoiceGraph() {}

  static void inputs(OnnxGraph graph) {
    graph.input(DRAWN, BOOL);
    graph.input(DRAWS, FLOAT32, "N1", "B");
    graph.input(TEMPERATURE, FLOAT32, "B", 1);
    graph.input(TOP_K, INT64, "B", 1);
    graph.input(TOP_P, FLOAT32, "B", 1);
    graph.input(SORTED, INT64, 1);
  }

  /**
   * Adds the choice after a step.
   *
   * @param logits (B,V)
   * @param step (1) int64, which of the draws is used
   * @return (B,1) int64
   */
  static Tensor choose(OnnxGraph graph, Tensor logits, Tensor step) {
    OnnxGraph drawn = graph.body("drawn");
    drawn.output(new Draw(drawn).of(drawn.see(logits), step), "B", 1);
    OnnxGraph likeliest = graph.body("likeliest");
    likeliest.output(best(likeliest.see(logits)), "B", 1);
    return graph.value(DRAWN).choose(drawn, likeliest);
  }

  /** The first of each row's largest logits, (B,1). */
  private static Tensor best(Tensor logits) {
    return logits.argMax(1, true);
  }

  /** The nodes of a draw. */
  private record Draw(OnnxGraph graph) {
    Tensor of(Tensor logits, Tensor step) {
      Tensor scaled = logits.div(graph.value(TEMPERATURE)); // (B,V)
      Tensor sorted = scaled.topK(graph.value(SORTED)).values(); // (B,K)
      Tensor largest = sorted.slice(1, 0, 1); // (B,1)
      Tensor kth = kth(sorted);
      Tensor least = kth.max(nucleus(scaled, sorted, largest, kth)); // (B,1)
      Tensor cumulative = weights(scaled, largest, least).cumSum(1, false); // (B,V)
      Tensor all = cumulative.slice(1, -1, Integer.MAX_VALUE); // (B,1)
      Tensor row = graph.value(DRAWS).gather(step, 0); // (1,B)
      Tensor draw = row.transpose(1, 0);
      Tensor passed = cumulative.lessOrEqual(draw.mul(all)); // (B,V)
      Tensor count = passed.cast(FLOAT32).reduceSum(1, true); // (B,1), exact below 2²⁴
      Tensor bound = scaled.sizes().sub(1).slice(0, 1, 2); // (1), V − 1
      Tensor token = count.cast(INT64).min(bound);
      Tensor none = draw.less(graph.real(0));
      return none.where(best(logits), token);
    }

    /** The k-th largest score, (B,1), or the lowest of all numbers. */
    private Tensor kth(Tensor sorted) {
      Tensor topK = graph.value(TOP_K);
      Tensor place = topK.sub(1).max(graph.integers(0));
      Tensor score = sorted.gatherElements(place, 1);
      return topK.greater(graph.integers(0)).where(score, graph.real(LOWEST));
    }

    /** The least score of those that together have the probability p, (B,1), or the lowest. */
    private Tensor nucleus(Tensor scaled, Tensor sorted, Tensor largest, Tensor kth) {
      Tensor topP = graph.value(TOP_P);
      Tensor mass = topP.mul(weights(scaled, largest, kth).reduceSum(1, true)); // (B,1)
      Tensor better =
          weights(sorted, largest, kth).cumSum(1, true); // (B,K), the weight in front of each
      Tensor within = better.less(mass);
      Tensor scores = within.where(sorted, graph.real(Float.MAX_VALUE));
      Tensor last = scores.reduceMin(1, true); // (B,1)
      Tensor kept = last.min(largest); // where TOP_P is 0, none is within
      return topP.less(graph.real(1)).where(kept, graph.real(LOWEST));
    }

    /** e^(score − largest), 0 below the least. */
    private Tensor weights(Tensor scores, Tensor largest, Tensor least) {
      Tensor weight = scores.sub(largest).exp();
      return scores.less(least).where(graph.real(0), weight);
    }
  }
}
