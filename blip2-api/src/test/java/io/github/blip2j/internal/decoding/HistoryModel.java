package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A language model without weights: logits between -2 and 2 that depend on all that was written and
 * on a seed, as good as random and the same each time. The last token of its vocabulary ends texts.
 */
record HistoryModel(int vocabulary, long seed) {
  private static final double SPREAD = 4;
  private static final int[] PROMPT = {0};

  int end() {
    return vocabulary - 1;
  }

  List<Integer> ends() {
    return List.of(end());
  }

  float[] logits(List<Integer> written) {
    SplittableRandom random = new SplittableRandom(31 * seed + written.hashCode()).split();
    float[] logits = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      logits[i] = (float) (SPREAD * (random.nextDouble() - 0.5));
    }
    return logits;
  }

  /** By the definition, in double. */
  double logProbability(List<Integer> written, int token) {
    float[] logits = logits(written);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[token] - Math.log(sum);
  }

  /** Sum of a text's log-probabilities. */
  double score(List<Integer> text) {
    double score = 0;
    for (int i = 0; i < text.size(); i++) {
      score += logProbability(text.subList(0, i), text.get(i));
    }
    return score;
  }

  /** Every text that ends, or is as long as the limit. */
  List<List<Integer>> texts(int limit) {
    return texts(List.of(), limit).toList();
  }

  private Stream<List<Integer>> texts(List<Integer> start, int limit) {
    boolean ended = !start.isEmpty() && start.get(start.size() - 1) == end();
    if (ended || start.size() == limit) {
      return Stream.of(start);
    }
    return Stream.iterate(0, token -> token < vocabulary, token -> token + 1)
        .flatMap(token -> texts(with(start, token), limit));
  }

  static List<Integer> with(List<Integer> start, int token) {
    List<Integer> longer = new ArrayList<>(start);
    longer.add(token);
    return List.copyOf(longer);
  }

  /** What processors and searches start from. */
  static Prompt prompt(GenerationOptions options) {
    return new Prompt(new float[0], PROMPT, options);
  }

  /** Rows of a session, for one search alone. */
  final class Rows {
    private final Search search;
    private List<List<Integer>> held = List.of(List.of());

    Rows(Search search) {
      this.search = search;
    }

    List<List<Integer>> held() {
      return held;
    }

    /** Takes one step; gives whether any row goes on. */
    boolean step() {
      float[][] logits = held.stream().map(HistoryModel.this::logits).toArray(float[][]::new);
      Search.Next next = search.advance(logits);
      List<List<Integer>> rows = new ArrayList<>();
      for (int row = 0; row < next.rows(); row++) {
        rows.add(with(held.get(next.parents()[row]), next.tokens()[row]));
      }
      held = rows;
      return !held.isEmpty();
    }
  }

  /** Takes a search to its end. */
  List<Sequence> run(Search search) {
    Rows rows = new Rows(search);
    boolean going = true;
    while (going) {
      going = rows.step();
    }
    return search.results();
  }
}
