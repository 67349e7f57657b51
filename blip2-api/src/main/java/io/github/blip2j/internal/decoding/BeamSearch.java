package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.TokenProbability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Beam search and beam sampling of one request, as Transformers' {@code
 * GenerationMixin._beam_search}.
 *
 * <p>Each step: (1) add the processed log-probabilities to the beams' scores; (2) take the best
 * {@code keep} continuations, or draw them; (3) the best K that do not end go on; (4) those among
 * the first K that end enter the pool of finished texts with their score over length^penalty; (5)
 * stop when no open beam can be expected to get into the pool. All in float, as there.
 */
final class BeamSearch implements Search {
  /** What the reference adds to a score that must not win. */
  private static final float LOSES = -1e9f;

  private final GenerationOptions options;
  private final List<Integer> endTokens;
  private final int limit;
  private final int beams;
  private final List<LogitsProcessor> processors;
  private final Softmax softmax = new Softmax();
  private final RandomNumbers random;
  private List<Beam> running = new ArrayList<>();
  private List<Beam> finished = new ArrayList<>();
  private boolean open = true;

  /**
   * A text with its score; {@code done} is false for what only fills the pool up, {@code real} for
   * what goes on from a beam that only filled a place, and so is another's text once more.
   */
  private record Beam(Sequence sequence, float score, boolean done, boolean real) {
    /** One that is open. */
    static Beam open(Sequence sequence, float score) {
      return new Beam(sequence, score, false, score > LOSES / 2);
    }
  }

  /** A beam and a token to follow it. */
  private record Candidate(int parent, int token, float score) {}

  BeamSearch(Prompt prompt, List<Integer> endTokens, int limit, long seed) {
    this.options = prompt.options();
    this.endTokens = endTokens;
    this.limit = limit;
    this.beams = options.numBeams();
    this.random = new RandomNumbers(seed, 0);
    processors = new ArrayList<>(Penalties.of(options, endTokens));
    processors.addAll(Penalties.ofUsers(options));
    if (options.doSample()) {
      processors.addAll(Warpers.of(options, 1 + endTokens.size()));
    }
    Sequence start = new Sequence(prompt);
    for (int i = 0; i < beams; i++) {
      running.add(Beam.open(start, i == 0 ? 0 : LOSES));
      finished.add(Beam.open(start, LOSES));
    }
  }

  /** A beam's rows may become others at each step. */
  @Override
  public Optional<Foresight> foresight(int rows) {
    return Optional.empty();
  }

  @Override
  public Next advance(float[][] logits) {
    List<Distribution> models = new ArrayList<>();
    List<List<TokenProbability>> likely = new ArrayList<>();
    float[][] raw = new float[logits.length][];
    for (int row = 0; row < logits.length; row++) {
      Distribution model = new Distribution(logits[row], softmax);
      models.add(model);
      likely.add(model.likely(options.topLogProbabilities()));
      raw[row] = logits[row].clone();
      for (int i = 0; i < logits[row].length; i++) {
        logits[row][i] = (float) model.logProbability(logits[row][i]);
      }
      Sequence sequence = running.get(row).sequence();
      float[] scores = logits[row];
      processors.forEach(p -> p.process(sequence, scores));
    }
    List<Candidate> candidates = candidates(logits);
    requireText(candidates);
    List<Sequence> grown = new ArrayList<>();
    for (Candidate c : candidates) {
      int row = logits.length == 1 ? 0 : c.parent();
      Sequence sequence = running.get(c.parent()).sequence().copy();
      sequence.add(c.token(), models.get(row).logProbability(raw[row][c.token()]), likely.get(row));
      grown.add(sequence);
    }
    return settle(candidates, grown, logits.length == 1);
  }

  /** Where no beam may go on there must be a text that has ended. */
  private void requireText(List<Candidate> candidates) {
    boolean goesOn = candidates.stream().anyMatch(c -> c.score() > Float.NEGATIVE_INFINITY);
    if (!goesOn && finished.stream().noneMatch(beam -> beam.done() && beam.real())) {
      throw Search.nothingLeft(running.get(0).sequence().written());
    }
  }

  /** The best continuations, or drawn ones in the order in which they were drawn. */
  private List<Candidate> candidates(float[][] scores) {
    int keep = Math.max(2, 1 + endTokens.size()) * beams;
    TopCandidates top = new TopCandidates(keep);
    for (int beam = 0; beam < beams; beam++) {
      float[] row = scores[scores.length == 1 ? 0 : beam];
      float before = running.get(beam).score();
      for (int token = 0; token < row.length; token++) {
        float score = row[token] + before;
        if (!options.doSample()) {
          top.offer(score, beam, token, score);
        } else {
          boolean possible = score > Float.NEGATIVE_INFINITY;
          top.offer(possible ? score + random.gumbel() : score, beam, token, score);
        }
      }
    }
    List<Candidate> best = new ArrayList<>();
    top.bestFirst((beam, token, score) -> best.add(new Candidate(beam, token, score)));
    return best;
  }

  private Next settle(List<Candidate> candidates, List<Sequence> grown, boolean first) {
    int length = grown.get(0).written();
    boolean[] ends = new boolean[candidates.size()];
    boolean allEnd = true;
    for (int i = 0; i < ends.length; i++) {
      ends[i] = endTokens.contains(candidates.get(i).token()) || length >= limit;
      allEnd &= ends[i];
    }
    boolean full = options.earlyStopping() == EarlyStopping.TRUE && allDone();
    float divisor = (float) Math.pow(length, options.lengthPenalty());
    List<Beam> pool = new ArrayList<>(finished);
    List<Integer> order = new ArrayList<>();
    List<Float> ranks = new ArrayList<>();
    for (int i = 0; i < ends.length; i++) {
      order.add(i);
      ranks.add(candidates.get(i).score() + (ends[i] ? LOSES : 0));
      boolean done = ends[i] && i < beams;
      boolean real = candidates.get(i).score() > LOSES / 2;
      float score = candidates.get(i).score() / divisor;
      score += (full ? LOSES : 0) + (open ? 0 : LOSES) + (done ? 0 : LOSES);
      pool.add(new Beam(grown.get(i), score, done, real));
    }
    pool.sort(Comparator.comparingDouble(Beam::score).reversed());
    finished = new ArrayList<>(pool.subList(0, beams));
    order.sort(Comparator.comparingDouble((Integer i) -> ranks.get(i)).reversed());
    order = order.subList(0, Math.min(beams, order.size()));
    running = order.stream().map(i -> Beam.open(grown.get(i), ranks.get(i))).toList();
    open &= mayImprove(length);
    if (!open || allEnd || options.earlyStopping() == EarlyStopping.TRUE && allDone()) {
      finishPool();
      return Next.NONE;
    }
    return new Next(
        order.stream().mapToInt(i -> first ? 0 : candidates.get(i).parent()).toArray(),
        order.stream().mapToInt(i -> candidates.get(i).token()).toArray());
  }

  private boolean allDone() {
    return finished.stream().allMatch(Beam::done);
  }

  /** Whether the best open beam's score over the length's power would get into the pool. */
  private boolean mayImprove(int length) {
    boolean longest = options.earlyStopping() == EarlyStopping.NEVER && options.lengthPenalty() > 0;
    float divisor = (float) Math.pow(longest ? limit : length, options.lengthPenalty());
    float hope = running.get(0).score() / divisor;
    float worst = Float.POSITIVE_INFINITY;
    for (Beam beam : finished) {
      worst = Math.min(worst, beam.score());
    }
    for (Beam beam : finished) {
      if (hope > (beam.done() ? worst : LOSES)) {
        return true;
      }
    }
    return false;
  }

  private void finishPool() {
    for (Beam beam : finished) {
      Sequence sequence = beam.sequence();
      boolean ended =
          sequence.written() > 0 && endTokens.contains(sequence.written(sequence.written() - 1));
      sequence.finish(ended ? FinishReason.EOS : FinishReason.LENGTH);
      sequence.score(beam.score());
    }
  }

  @Override
  public void stop(FinishReason reason) {
    List<Beam> pool = new ArrayList<>(finished);
    pool.removeIf(beam -> !beam.done());
    finishPool();
    for (Beam beam : running) {
      int length = Math.max(1, beam.sequence().written());
      Sequence sequence = beam.sequence().copy();
      float score = beam.score() / (float) Math.pow(length, options.lengthPenalty());
      sequence.finish(reason);
      sequence.score(score);
      pool.add(new Beam(sequence, score, true, beam.real()));
    }
    pool.sort(Comparator.comparingDouble(Beam::score).reversed());
    finished = pool;
    open = false;
  }

  @Override
  public List<Sequence> results() {
    // Slots that nothing filled, or only what is forbidden or there already, are no texts, unless
    // there is no other.
    List<Beam> texts =
        finished.stream().filter(b -> b.done() && b.real() && Float.isFinite(b.score())).toList();
    return (texts.isEmpty() ? finished : texts)
        .stream().limit(options.numReturnSequences()).map(Beam::sequence).toList();
  }
}
