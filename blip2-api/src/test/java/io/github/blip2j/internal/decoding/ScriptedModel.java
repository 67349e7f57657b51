package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.ArrayList;
import java.util.List;

/** Opens scripted sessions, which note in one place what they are asked. */
final class ScriptedModel implements LanguageModel {
  /** Every call with its arguments. */
  final List<String> calls = new ArrayList<>();

  /** The passes over the weights: {@code step}, {@code 1+8} ahead, {@code pass of 5}. */
  final List<String> passes = new ArrayList<>();

  /** What a session's rows held when it was closed. */
  final List<List<Integer>> closed = new ArrayList<>();

  private final Script script;
  private final int vocabulary;
  private final int stepsAhead;
  private int capacity;

  ScriptedModel(Script script, int vocabulary, int stepsAhead) {
    this.script = script;
    this.vocabulary = vocabulary;
    this.stepsAhead = stepsAhead;
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    this.capacity = capacity;
    return new ScriptedSession(this, rows);
  }

  @Override
  public int stepsAhead() {
    return stepsAhead;
  }

  Script script() {
    return script;
  }

  int vocabulary() {
    return vocabulary;
  }

  /** Positions of the session that was opened last. */
  int capacity() {
    return capacity;
  }
}
