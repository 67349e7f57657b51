package io.github.blip2j.spi;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.stage.HostTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Texts of unequal lengths as one batch, padded at the end.
 *
 * @param rows B
 * @param width T, tokens of the longest
 * @param ids (B,T)
 * @param positionIds (B,T) position of each token
 * @param mask (B,front+T) 1 for what is there, 0 for padding
 */
record TextRows(int rows, int width, long[] ids, long[] positionIds, long[] mask) {
  /**
   * Pads texts.
   *
   * @param front vectors that stand in front of each text and are all there
   * @throws IllegalArgumentException if a text is empty or too long, or an id is out of range
   */
  static TextRows of(TextBounds bounds, int[][] tokens, int front) {
    int width = Arrays.stream(tokens).mapToInt(t -> t.length).max().orElse(0);
    long[] ids = new long[tokens.length * width];
    long[] positionIds = new long[ids.length];
    long[] mask = new long[tokens.length * (front + width)];
    for (int row = 0; row < tokens.length; row++) {
      check(bounds, row, tokens[row]);
      for (int i = 0; i < width; i++) {
        positionIds[row * width + i] = i;
        ids[row * width + i] = i < tokens[row].length ? tokens[row][i] : 0;
      }
      int from = row * (front + width);
      Arrays.fill(mask, from, from + front + tokens[row].length, 1);
    }
    if (tokens.length == 0) {
      throw new IllegalArgumentException("texts (0) must be at least 1");
    }
    return new TextRows(tokens.length, width, ids, positionIds, mask);
  }

  /** What a stage that reads texts is given of them; may be added to. */
  Map<String, HostTensor> inputs() {
    Map<String, HostTensor> inputs = new HashMap<>();
    inputs.put(ModelProgram.IDS, new HostTensor.Integers(ids, rows, width));
    inputs.put(ModelProgram.POSITION_IDS, new HostTensor.Integers(positionIds, rows, width));
    inputs.put(ModelProgram.MASK, new HostTensor.Integers(mask, rows, mask.length / rows));
    return inputs;
  }

  private static void check(TextBounds bounds, int row, int[] tokens) {
    if (tokens.length < 1 || tokens.length > bounds.maxPositions()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "text %d: expected 1 to %d tokens, found %d",
              row,
              bounds.maxPositions(),
              tokens.length));
    }
    for (int id : tokens) {
      if (id < 0 || id >= bounds.vocabularySize()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "text %d: expected ids below %d, found %d",
                row,
                bounds.vocabularySize(),
                id));
      }
    }
  }
}
