package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.internal.session.Lengths;
import java.util.Arrays;

/**
 * What an encoder read: one list of tensors (P, S, H·d), keys and values of each decoder block in
 * turn. Never written again; shared by a session and its forks, and freed when the last of them
 * closes.
 */
final class EncoderMemory implements AutoCloseable {
  private static final float HIDDEN = -1e9f;

  private final IValue tensors;
  private final int[] lengths; // (P)
  private final int span;
  private int users = 1;

  EncoderMemory(IValue tensors, Lengths.Step read) {
    this.tensors = tensors;
    this.lengths = read.ends();
    this.span = read.span();
  }

  /** The list as a step's argument; stays this memory's. */
  IValue tensors() {
    return tensors;
  }

  /** Which positions are padding, (P,1,1,S). */
  IValue bias(PtNDManager scope) {
    float[] bias = new float[lengths.length * span];
    for (int row = 0; row < lengths.length; row++) {
      Arrays.fill(bias, row * span + lengths[row], (row + 1) * span, HIDDEN);
    }
    return ScriptModule.floats(scope, bias, lengths.length, 1, 1, span);
  }

  /** A fork uses it too. */
  EncoderMemory share() {
    users++;
    return this;
  }

  @Override
  public void close() {
    if (--users == 0) {
      tensors.close();
    }
  }
}
