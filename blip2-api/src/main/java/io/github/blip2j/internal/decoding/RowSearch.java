package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Each row for itself: the most likely token, or a drawn one (Transformers, {@code
 * GenerationMixin._sample}).
 */
final class RowSearch implements Search, Foresight {
  private final GenerationOptions options;
  private final List<Integer> endTokens;
  private final int limit;
  private final Function<List<Integer>, String> decoder;
  private final List<LogitsProcessor> processors;
  private final List<LogitsProcessor> foreseeable; // without users' own
  private final Softmax softmax = new Softmax();
  private float[] unchanged = new float[0];
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<RandomNumbers> random = new ArrayList<>();
  private final List<Integer> active = new ArrayList<>();

  /**
   * Starts.
   *
   * @param limit most new tokens
   * @param seed of the random numbers, if tokens are drawn
   */
  RowSearch(
      Prompt prompt,
      List<Integer> endTokens,
      int limit,
      long seed,
      Function<List<Integer>, String> decoder) {
    this.options = prompt.options();
    this.endTokens = endTokens;
    this.limit = limit;
    this.decoder = decoder;
    List<LogitsProcessor> warpers =
        options.doSample() ? Warpers.of(options, 1) : List.<LogitsProcessor>of();
    List<LogitsProcessor> penalties = Penalties.of(options, endTokens);
    processors =
        Stream.of(penalties, Penalties.ofUsers(options), warpers).flatMap(List::stream).toList();
    foreseeable = Stream.of(penalties, warpers).flatMap(List::stream).toList();
    for (int i = 0; i < options.numReturnSequences(); i++) {
      sequences.add(new Sequence(prompt));
      random.add(new RandomNumbers(seed, i));
      active.add(i);
    }
  }

  @Override
  public Next advance(float[][] logits) {
    List<Integer> going = new ArrayList<>();
    List<Integer> parents = new ArrayList<>();
    for (int row = 0; row < active.size(); row++) {
      int source = logits.length == 1 ? 0 : row;
      int index = active.get(row);
      Sequence sequence = sequences.get(index);
      boolean shared = logits.length == 1 && active.size() > 1;
      choose(sequence, index, shared ? logits[source].clone() : logits[source]);
      if (sequence.finish().isEmpty()) {
        going.add(index);
        parents.add(source);
      }
    }
    active.clear();
    active.addAll(going);
    int[] tokens =
        going.stream()
            .mapToInt(i -> sequences.get(i).written(sequences.get(i).written() - 1))
            .toArray();
    return new Next(parents.stream().mapToInt(Integer::intValue).toArray(), tokens);
  }

  private void choose(Sequence sequence, int index, float[] logits) {
    Distribution model = new Distribution(logits, softmax);
    var likely = model.likely(options.topLogProbabilities());
    float[] raw = processors.isEmpty() ? logits : copied(logits);
    processors.forEach(p -> p.process(sequence, logits));
    int id = chosen(random.get(index), logits);
    if (logits[id] == Float.NEGATIVE_INFINITY) {
      throw Search.nothingLeft(sequence.written());
    }
    sequence.add(id, model.logProbability(raw[id]), likely);
    if (endTokens.contains(id)) {
      sequence.finish(FinishReason.EOS);
    } else if (stops(sequence)) {
      sequence.finish(FinishReason.STOP);
    } else if (sequence.written() >= limit) {
      sequence.finish(FinishReason.LENGTH);
    }
  }

  /** The first step's only row may become several. */
  @Override
  public Optional<Foresight> foresight(int rows) {
    return rows == active.size() ? Optional.of(this) : Optional.empty();
  }

  @Override
  public List<TokenChoice> choices(int steps) {
    return active.stream().map(index -> choice(index, steps)).toList();
  }

  private TokenChoice choice(int index, int steps) {
    return options.doSample()
        ? new TokenChoice(
            options.temperature(), options.topK(), options.topP(), random.get(index).coming(steps))
        : TokenChoice.LIKELIEST;
  }

  @Override
  public int choose(int[] since, float[] logits) {
    if (active.size() != 1) {
      throw new IllegalStateException("expected one row, found " + active.size());
    }
    int index = active.get(0);
    Sequence imagined = sequences.get(index).copy();
    for (int id : since) {
      imagined.add(id, 0, List.of());
    }
    foreseeable.forEach(p -> p.process(imagined, logits));
    return chosen(random.get(index).after(since.length), logits);
  }

  /** From processed scores. */
  private int chosen(RandomNumbers numbers, float[] scores) {
    if (!options.doSample()) {
      return Distribution.best(scores);
    }
    LogitsProcessor last = processors.isEmpty() ? null : processors.get(processors.size() - 1);
    return last instanceof TopP nucleus ? numbers.draw(nucleus.left()) : numbers.draw(scores);
  }

  /** Into an array that serves at every step. */
  private float[] copied(float[] logits) {
    if (unchanged.length != logits.length) {
      unchanged = new float[logits.length];
    }
    System.arraycopy(logits, 0, unchanged, 0, logits.length);
    return unchanged;
  }

  private boolean stops(Sequence sequence) {
    if (options.stopStrings().isEmpty()) {
      return false;
    }
    String text = decoder.apply(sequence.ids());
    return options.stopStrings().stream().anyMatch(text::contains);
  }

  @Override
  public void stop(FinishReason reason) {
    active.forEach(i -> sequences.get(i).finish(reason));
    active.clear();
  }

  @Override
  public List<Sequence> results() {
    return sequences;
  }
}
