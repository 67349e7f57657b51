package io.github.blip2j.internal.decoding;

import io.github.blip2j.InferenceException;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Texts under way, pulled one token a row at a time: greedy decoding as Transformers' {@code
 * GenerationMixin._sample} with {@code do_sample=false}. Rows that are done leave the session at
 * once. Owns its session. For one thread.
 */
public final class Generation implements AutoCloseable {
  private final TextConfig config;
  private final List<Row> rows;
  private final List<LogitsProcessor> processors;
  private final TokenListener listener;
  private final LanguageSession session;
  private final float[] logits;
  private List<Row> active;

  private Generation(
      TextConfig config, List<Row> rows, LanguageSession session, TokenListener listener) {
    this.config = config;
    this.rows = rows;
    this.active = rows;
    this.session = session;
    this.listener = listener;
    this.processors = List.of(new MinNewTokens(config.endTokens()));
    this.logits = new float[Math.multiplyExact(rows.size(), config.vocabularySize())];
  }

  /**
   * Opens a session for the prompts; nothing has been computed yet.
   *
   * @param prompts one a row, at least one, all with the same number of features
   * @throws IllegalArgumentException if a prompt leaves no position for a new token
   */
  public static Generation start(
      LanguageModel model, TextConfig config, List<Prompt> prompts, TokenListener listener) {
    List<Row> rows = new ArrayList<>();
    int capacity = 0;
    int longest = 0;
    for (Prompt prompt : prompts) {
      int start = prompt.features().length / config.hiddenSize() + prompt.tokens().length;
      int room = config.maxPositions() - start;
      if (room < 1) {
        throw new IllegalArgumentException(
            "picture and prompt (%d tokens) must leave room within %d positions"
                .formatted(start, config.maxPositions()));
      }
      Row row = new Row(rows.size(), prompt, Math.min(prompt.options().maxNewTokens(), room));
      rows.add(row);
      capacity = Math.max(capacity, start + row.limit() - 1); // the last token is never appended
      longest = Math.max(longest, start);
    }
    LanguageSession session = model.open(rows.size(), Math.max(capacity, longest));
    return new Generation(config, Collections.unmodifiableList(rows), session, listener);
  }

  /** All texts, in the caller's order. */
  public List<Row> rows() {
    return rows;
  }

  /**
   * Computes the next token of every text that is not done.
   *
   * @return whether any text goes on
   * @throws InferenceException if the engine fails or gives no number
   */
  public boolean step() {
    if (active.isEmpty()) {
      return false;
    }
    if (session.length(0) == 0) {
      prefill();
    } else {
      int[][] last = active.stream().map(r -> new int[] {r.last()}).toArray(int[][]::new);
      session.append(new float[0], last, logits);
    }
    int offset = 0;
    for (Row row : active) {
      int id = choose(row, offset);
      row.accept(id, config.endTokens());
      listener.token(row, id);
      offset += config.vocabularySize();
    }
    dropDone();
    return !active.isEmpty();
  }

  private void prefill() {
    int size = active.get(0).prompt().features().length;
    float[] features = new float[size * active.size()];
    int[][] tokens = new int[active.size()][];
    for (int i = 0; i < active.size(); i++) {
      Prompt prompt = active.get(i).prompt();
      System.arraycopy(prompt.features(), 0, features, i * size, size);
      tokens[i] = prompt.tokens();
    }
    session.append(features, tokens, logits);
  }

  private int choose(Row row, int offset) {
    processors.forEach(p -> p.process(row, logits, offset));
    int best = offset;
    for (int i = offset; i < offset + config.vocabularySize(); i++) {
      if (logits[i] > logits[best]) {
        best = i;
      } else if (Float.isNaN(logits[i])) {
        throw new InferenceException(
            "language model: expected a number as logit of token %d, found NaN"
                .formatted(i - offset));
      }
    }
    return best - offset;
  }

  private void dropDone() {
    List<Row> going = active.stream().filter(r -> r.finish().isEmpty()).toList();
    if (going.size() < active.size() && !going.isEmpty()) {
      int[] kept = new int[active.size()];
      int count = 0;
      for (int i = 0; i < active.size(); i++) {
        if (active.get(i).finish().isEmpty()) {
          kept[count++] = i;
        }
      }
      session.select(Arrays.copyOf(kept, count));
    }
    active = going;
  }

  @Override
  public void close() {
    session.close();
  }
}
