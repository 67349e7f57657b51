package io.github.blip2j.internal.decoding;

import java.util.List;

/**
 * Forbids end tokens while a text is too short (Transformers, {@code
 * MinNewTokensLengthLogitsProcessor}).
 */
record MinNewTokens(List<Integer> endTokens) implements LogitsProcessor {
  @Override
  public void process(Row row, float[] logits, int offset) {
    if (row.ids().size() < row.options().minNewTokens()) {
      for (int id : endTokens) {
        logits[offset + id] = Float.NEGATIVE_INFINITY;
      }
    }
  }
}
