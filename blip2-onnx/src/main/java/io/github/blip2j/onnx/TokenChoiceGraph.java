package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.BOOL;
import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT64;
import static io.github.blip2j.onnx.OnnxGraph.attributes;

import java.util.List;
import java.util.Map;

/**
 * How a graph chooses each row's next token: the likeliest, or, as {@link
 * io.github.blip2j.spi.TokenChoice} has it, one drawn with numbers that the graph is given.
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
    graph.input(DRAWS, FLOAT, "N1", "B");
    graph.input(TEMPERATURE, FLOAT, "B", 1L);
    graph.input(TOP_K, INT64, "B", 1L);
    graph.input(TOP_P, FLOAT, "B", 1L);
    graph.input(SORTED, INT64, 1L);
  }

  /**
   * Adds the choice after a step.
   *
   * @param logits (B,V)
   * @param step (1) int64, which of the draws is used
   * @return (B,1) int64
   */
  static String choose(OnnxGraph graph, String logits, String step) {
    OnnxGraph drawn = graph.body("drawn");
    drawn.declareOutput(new Draw(drawn).of(logits, step), INT64, "B", 1L);
    OnnxGraph likeliest = graph.body("likeliest");
    likeliest.declareOutput(best(likeliest, logits), INT64, "B", 1L);
    return graph.node(
        "If", List.of(DRAWN), attributes("then_branch", drawn, "else_branch", likeliest));
  }

  /** The first of each row's largest logits, (B,1). */
  private static String best(OnnxGraph graph, String logits) {
    return graph.node("ArgMax", List.of(logits), attributes("axis", 1, "keepdims", 1));
  }

  /** The nodes of a draw. */
  private record Draw(OnnxGraph graph) {
    String of(String logits, String step) {
      String scaled = graph.node("Div", logits, TEMPERATURE); // (B,V)
      String sorted = graph.fresh();
      graph.node("", "TopK", List.of(scaled, SORTED), List.of(sorted, graph.fresh()), Map.of());
      String largest = graph.node("Slice", sorted, ints(0), ints(1), ints(1)); // (B,1)
      String kth = kth(sorted);
      String least = graph.node("Max", kth, nucleus(scaled, sorted, largest, kth)); // (B,1)
      String cumulative = graph.node("CumSum", weights(scaled, largest, least), ints(1)); // (B,V)
      String all =
          graph.node("Slice", cumulative, ints(-1), ints(Integer.MAX_VALUE), ints(1)); // (B,1)
      String row = graph.node("Gather", DRAWS, step); // (1,B)
      String draw = graph.transpose(row, 1, 0);
      String passed = graph.node("LessOrEqual", cumulative, graph.node("Mul", draw, all)); // (B,V)
      String count = total(graph.cast(passed, FLOAT)); // (B,1), exact below 2²⁴
      String last = graph.node("Sub", graph.node("Shape", scaled), ints(1)); // (2)
      String bound = graph.node("Slice", last, ints(1), ints(2)); // (1), V − 1
      String token = graph.node("Min", graph.cast(count, INT64), bound);
      String none = graph.node("Less", draw, graph.real(0));
      return graph.node("Where", none, best(graph, logits), token);
    }

    /** The k-th largest score, (B,1), or the lowest of all numbers. */
    private String kth(String sorted) {
      String place = graph.node("Max", graph.node("Sub", TOP_K, ints(1)), ints(0));
      String score = graph.node("GatherElements", List.of(sorted, place), attributes("axis", 1));
      return graph.node("Where", graph.node("Greater", TOP_K, ints(0)), score, graph.real(LOWEST));
    }

    /** The least score of those that together have the probability p, (B,1), or the lowest. */
    private String nucleus(String scaled, String sorted, String largest, String kth) {
      String mass = graph.node("Mul", TOP_P, total(weights(scaled, largest, kth))); // (B,1)
      String better =
          graph.node(
              "CumSum",
              List.of(weights(sorted, largest, kth), ints(1)),
              attributes("exclusive", 1)); // (B,K), the weight in front of each
      String within = graph.node("Less", better, mass);
      String scores = graph.node("Where", within, sorted, graph.real(Float.MAX_VALUE));
      String last =
          graph.node("ReduceMin", List.of(scores, ints(1)), attributes("keepdims", 1)); // (B,1)
      String kept = graph.node("Min", last, largest); // where TOP_P is 0, none is within
      return graph.node(
          "Where", graph.node("Less", TOP_P, graph.real(1)), kept, graph.real(LOWEST));
    }

    /** e^(score − largest), 0 below the least. */
    private String weights(String scores, String largest, String least) {
      String weight = graph.node("Exp", graph.node("Sub", scores, largest));
      return graph.node("Where", graph.node("Less", scores, least), graph.real(0), weight);
    }

    private String total(String values) {
      return graph.node("ReduceSum", List.of(values, ints(1)), attributes("keepdims", 1));
    }

    private String ints(int number) {
      return graph.integers(number);
    }
  }
}
