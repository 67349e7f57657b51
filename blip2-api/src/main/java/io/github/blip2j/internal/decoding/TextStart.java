package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import java.util.Arrays;
import java.util.List;

/**
 * A session that holds the beginning of prompts, one a row, and what it has still to be given
 * before the first token can be chosen. Whoever holds it closes it, and so the session, unless that
 * is lent.
 */
public final class TextStart implements AutoCloseable {
  private final LookaheadSession session;
  private final Runnable release;
  private final float[] features;
  private final int[][] tokens;
  private final float[] logits;

  private TextStart(
      LookaheadSession session,
      Runnable release,
      float[] features,
      int[][] tokens,
      float[] logits) {
    this.session = session;
    this.release = release;
    this.features = features;
    this.tokens = tokens;
    this.logits = logits;
  }

  /**
   * Whole prompts in a new session.
   *
   * @param prompts at least one, all with the same number of features
   * @throws IllegalArgumentException if a prompt leaves no position for a new token
   */
  public static TextStart of(LookaheadModel model, TextConfig config, List<Prompt> prompts) {
    int capacity = DecodingLoop.capacity(config, prompts);
    List<float[]> features = prompts.stream().map(Prompt::features).toList();
    return of(model, features, prompts.stream().map(Prompt::tokens).toList(), capacity);
  }

  /**
   * Whole prompts in a new session.
   *
   * @param features in front of each prompt, as many for all
   * @param tokens of each prompt
   * @param capacity positions of the session's rows
   */
  public static TextStart of(
      LookaheadModel model, List<float[]> features, List<int[]> tokens, int capacity) {
    int size = features.get(0).length;
    float[] all = new float[size * features.size()];
    for (int i = 0; i < features.size(); i++) {
      System.arraycopy(features.get(i), 0, all, i * size, size);
    }
    LookaheadSession session = model.open(tokens.size(), capacity);
    return new TextStart(session, session::close, all, tokens.toArray(int[][]::new), new float[0]);
  }

  /** Tokens, at least one a row, behind what a session holds already. It is owned from now on. */
  public static TextStart behind(LookaheadSession session, int[][] tokens) {
    return new TextStart(session, session::close, new float[0], tokens, new float[0]);
  }

  /** Nothing behind what a session holds already: these logits follow. It is owned from now on. */
  public static TextStart known(LookaheadSession session, float[] logits) {
    return new TextStart(session, session::close, new float[0], new int[0][], logits);
  }

  /**
   * The same, but the session stays open: its owner keeps it. It must not change rows, so there may
   * be one prompt, without beams or several sequences.
   */
  public TextStart lent() {
    return new TextStart(session, () -> {}, features, tokens, logits);
  }

  /**
   * Gives the session all but the last token of the only row.
   *
   * @param vocabulary V
   * @return what is left
   */
  public TextStart allButOne(int vocabulary) {
    if (tokens.length == 0 || tokens[0].length == 1) {
      return this;
    }
    int last = tokens[0].length - 1;
    int[][] most = {Arrays.copyOf(tokens[0], last)};
    session.append(features, most, new float[vocabulary]);
    return behind(session, new int[][] {{tokens[0][last]}});
  }

  /** In a copy of the only row, with its own room; the session itself is left as it is. */
  public TextStart fork(int capacity) {
    LookaheadSession copy = session.fork(new int[] {0}, capacity);
    return new TextStart(copy, copy::close, features, tokens, logits);
  }

  public LookaheadSession session() {
    return session;
  }

  /**
   * Gives the session what it has still to be given.
   *
   * @param into receives the logits that follow each row
   */
  public void finish(float[] into) {
    if (logits.length > 0) {
      System.arraycopy(logits, 0, into, 0, logits.length);
    } else {
      session.append(features, tokens, into);
    }
  }

  float[] features() {
    return features;
  }

  int[][] tokens() {
    return tokens;
  }

  /** What follows the last token if nothing is to be given, else empty. */
  float[] logits() {
    return logits;
  }

  @Override
  public void close() {
    release.run();
  }
}
