package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Exact log-probabilities of many candidates that go on from one row. Candidates are a tree of
 * tokens: what several begin with is computed once, tokens at the same depth are rows of one step,
 * and the last token of a candidate needs no step. The tree is walked in parts of so many rows that
 * memory does not grow with the number of candidates.
 */
final class CandidateTree {
  private final Turns turns;
  private final int vocabulary;
  private final int mostRows;
  private final int capacity;
  private final double[] sums;
  private final Softmax softmax = new Softmax();

  private CandidateTree(
      LookaheadSession start, List<int[]> candidates, int vocabulary, int mostRows) {
    this.turns = start.turns();
    this.vocabulary = vocabulary;
    this.mostRows = mostRows;
    this.capacity = start.length(0) + candidates.stream().mapToInt(c -> c.length).max().orElse(0);
    this.sums = new double[candidates.size()];
  }

  /** A token that candidates go through; {@code ends} are those that end with it. */
  private record Node(Map<Integer, Node> next, List<Integer> ends) {
    Node() {
      this(new LinkedHashMap<>(), new ArrayList<>());
    }
  }

  /** A node to go on from: the row that its parent has, its token, and the sum up to it. */
  private record Branch(int row, int token, Node node, double sum) {}

  /**
   * Scores candidates. The session is left as it is.
   *
   * @param start one row, the prompt
   * @param logits (V) what follows it
   * @param candidates ids of each, at least one a candidate
   * @param mostRows that are computed together
   * @return for each candidate the sum of its tokens' log-probabilities
   * @throws InferenceException if the engine fails, or the thread is interrupted
   */
  static double[] score(
      LookaheadSession start, float[] logits, List<int[]> candidates, int mostRows) {
    Node root = new Node();
    for (int i = 0; i < candidates.size(); i++) {
      int[] tokens = candidates.get(i);
      if (tokens.length == 0) {
        throw new IllegalArgumentException("candidate " + i + " must have a token, but has none");
      }
      Node node = root;
      for (int token : tokens) {
        node = node.next().computeIfAbsent(token, t -> new Node());
      }
      node.ends().add(i);
    }
    CandidateTree tree = new CandidateTree(start, candidates, logits.length, mostRows);
    tree.expand(start.alone(), logits, List.of(new Branch(0, -1, root, 0)), false);
    return tree.sums;
  }

  /**
   * Rows of the session are the branches, in order; the logits follow each.
   *
   * @param own whether the session may be used up
   */
  private void expand(LanguageSession session, float[] logits, List<Branch> branches, boolean own) {
    List<Branch> further = new ArrayList<>();
    for (int row = 0; row < branches.size(); row++) {
      float[] scores = new float[vocabulary];
      System.arraycopy(logits, row * vocabulary, scores, 0, vocabulary);
      Distribution distribution = new Distribution(scores, softmax);
      Branch branch = branches.get(row);
      for (Map.Entry<Integer, Node> next : branch.node().next().entrySet()) {
        int token = next.getKey();
        double sum = branch.sum() + distribution.logProbability(scores[token]);
        next.getValue().ends().forEach(i -> sums[i] = sum);
        if (!next.getValue().next().isEmpty()) {
          further.add(new Branch(row, token, next.getValue(), sum));
        }
      }
    }
    for (int from = 0; from < further.size(); from += mostRows) {
      int to = Math.min(further.size(), from + mostRows);
      step(session, further.subList(from, to), own && to == further.size());
    }
  }

  /** One more token of some branches: in the session itself if nobody needs it afterwards. */
  private void step(LanguageSession session, List<Branch> branches, boolean last) {
    int[] rows = branches.stream().mapToInt(Branch::row).toArray();
    if (last) {
      session.select(rows);
      goOn(session, branches);
      return;
    }
    try (LanguageSession fork = session.fork(rows, capacity)) {
      goOn(fork, branches);
    }
  }

  private void goOn(LanguageSession session, List<Branch> branches) {
    Patience patience = Patience.UNTIL_INTERRUPTED;
    int[][] tokens = branches.stream().map(b -> new int[] {b.token()}).toArray(int[][]::new);
    float[] logits = new float[tokens.length * vocabulary];
    Runnable step = () -> session.append(new float[0], tokens, logits);
    if (patience.ends() || !turns.tryDuring(patience, step)) {
      throw new InferenceException("ranking: stopped, since the thread was interrupted");
    }
    expand(session, logits, branches, true);
  }
}
