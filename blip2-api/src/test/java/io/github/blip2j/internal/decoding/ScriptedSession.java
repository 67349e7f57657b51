package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A session without a model: it answers by a script, holds tokens, and notes what it is asked. */
public final class ScriptedSession implements DraftingSession, SteppingSession {
  private final ScriptedModel model;
  private final List<List<Integer>> held = new ArrayList<>();
  private int image; // positions of it

  ScriptedSession(ScriptedModel model, int rows) {
    this.model = model;
    for (int row = 0; row < rows; row++) {
      held.add(new ArrayList<>());
    }
  }

  @Override
  public int rows() {
    return held.size();
  }

  @Override
  public int length(int row) {
    return image + held.get(row).size();
  }

  /** Holds a token and writes what is likely after it. */
  private void take(int row, int token, float[] logits, int index) {
    held.get(row).add(token);
    model.script().answer(token, logits, index * model.vocabulary(), model.vocabulary());
  }

  private void begin(float[] features, int[][] tokens, float[] logits) {
    image += features.length / TinyConfig.WIDTH / tokens.length;
    for (int row = 0; row < rows(); row++) {
      for (int token : tokens[row]) {
        take(row, token, logits, row);
      }
    }
  }

  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    if (model.failing) {
      throw new InferenceException("broken by the test");
    }
    model.note("append " + Arrays.deepToString(tokens));
    model.passes.add("step");
    begin(features, tokens, logits);
  }

  @Override
  public void appendEach(int[] tokens, float[] logits) {
    model.calls.add("each of " + Arrays.toString(tokens));
    model.passes.add("pass of " + tokens.length);
    for (int i = 0; i < tokens.length; i++) {
      take(0, tokens[i], logits, i);
    }
  }

  @Override
  public int[][] appendAhead(
      float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    model.calls.add("ahead of " + Arrays.deepToString(tokens));
    model.passes.add("1+" + further.most());
    begin(features, tokens, logits);
    int[][] appended = new int[further.most()][rows()];
    for (int step = 0; step < appended.length; step++) {
      for (int row = 0; row < rows(); row++) {
        appended[step][row] = chosen(further.choices().get(row), step, last(row));
        take(row, appended[step][row], logits, rows() * (step + 1) + row);
      }
    }
    return appended;
  }

  private int chosen(TokenChoice choice, int step, int token) {
    return choice.isDrawn()
        ? model.script().drawn(token, choice.draws()[step])
        : model.script().next().applyAsInt(token);
  }

  private int last(int row) {
    return held.get(row).get(held.get(row).size() - 1);
  }

  @Override
  public void guess(int token, float[] logits) {
    model.calls.add("guess after " + token);
    held.get(0).add(token);
    model.script().guess(token, logits, model.vocabulary());
  }

  @Override
  public void select(int[] rows) {
    model.calls.add("select " + Arrays.toString(rows));
    List<List<Integer>> kept = new ArrayList<>();
    for (int row : rows) {
      kept.add(new ArrayList<>(held.get(row)));
    }
    held.clear();
    held.addAll(kept);
  }

  @Override
  public void truncate(int length) {
    model.calls.add("truncate " + length);
    for (List<Integer> row : held) {
      while (image + row.size() > length) {
        row.remove(row.size() - 1);
      }
    }
  }

  @Override
  public ScriptedSession fork(int[] rows, int capacity) {
    model.require(rows.length);
    model.note("fork " + Arrays.toString(rows));
    ScriptedSession fork = new ScriptedSession(model, 0);
    fork.image = image;
    for (int row : rows) {
      fork.held.add(new ArrayList<>(held.get(row)));
    }
    return fork;
  }

  @Override
  public void adopt(LanguageSession other, int[] rows) {
    model.require(rows() + rows.length);
    model.calls.add("adopt " + Arrays.toString(rows));
    for (int row : rows) {
      held.add(new ArrayList<>(((ScriptedSession) other).held.get(row)));
    }
  }

  @Override
  public void close() {
    model.calls.add("close");
    model.closed.addAll(held);
  }
}
