package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.spi.LanguageModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Opens scripted sessions, which note in one place what they are asked. It takes several steps in
 * one call, or else has a draft; its {@link #open} alone is a model that has neither.
 */
public final class ScriptedModel implements LanguageModel, LanguageModel.Stepping {
  /** Every call with its arguments. */
  public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** The passes over the weights: {@code step}, {@code 1+8} ahead, {@code pass of 5}. */
  final List<String> passes = Collections.synchronizedList(new ArrayList<>());

  /** What a session's rows held when it was closed. */
  final List<List<Integer>> closed = Collections.synchronizedList(new ArrayList<>());

  /** Whether the engine fails at every step. */
  public volatile boolean failing;

  /** Is told a step or a copy that is about to be made, in the thread that makes it. */
  volatile Consumer<String> before = call -> {};

  /** Rows for which a session that copies or adopts has memory. */
  volatile int fitting = Integer.MAX_VALUE;

  private final Script script;
  private final int vocabulary;
  private final int stepsAhead;
  private int capacity;

  /**
   * Has a script.
   *
   * @param stepsAhead in one call; 0 for a model with a draft
   */
  public ScriptedModel(Script script, int vocabulary, int stepsAhead) {
    this.script = script;
    this.vocabulary = vocabulary;
    this.stepsAhead = stepsAhead;
  }

  /** Opens a session, which is one of a model without drafts or steps ahead. */
  @Override
  public ScriptedSession open(int rows, int capacity) {
    this.capacity = capacity;
    return new ScriptedSession(this, rows);
  }

  @Override
  public Optional<Drafting> drafting() {
    return stepsAhead > 0 ? Optional.empty() : Optional.of(this::open);
  }

  @Override
  public Optional<Stepping> stepping() {
    return stepsAhead > 0 ? Optional.of(this) : Optional.empty();
  }

  @Override
  public int most() {
    return stepsAhead;
  }

  /** Refuses more rows than there is memory for, as the engines' sessions do. */
  void require(int rows) {
    if (rows > fitting) {
      throw new InferenceException("no memory, says the test", new OutOfMemoryError());
    }
  }

  void note(String call) {
    calls.add(call);
    before.accept(call);
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
