package io.github.blip2j.internal.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs of tokens that stand for a byte each, such as {@code <0xE2>}. A decoder with {@code
 * ByteFallback} reads a run as a whole: where its bytes are no UTF-8 each of them becomes U+FFFD,
 * also those of characters that were whole before the next byte came. So the text of a run is known
 * only when the run has ended. Immutable.
 */
final class ByteRuns {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final ByteRuns NONE = new ByteRuns(false, new BitSet());

  private final boolean exist;
  private final BitSet ends; // ids of tokens that end a run

  private ByteRuns(boolean exist, BitSet ends) {
    this.exist = exist;
    this.ends = ends;
  }

  /**
   * Those of a tokenizer.
   *
   * @param decoder that was found right
   * @param tokens of the model, and added ones
   * @param added the list of added tokens, of which decoding leaves out the special ones
   */
  static ByteRuns of(JsonNode decoder, ModelTokens tokens, JsonNode added) {
    if (!decoder.findValuesAsText("type").contains("ByteFallback")) {
      return NONE;
    }
    BitSet ends = new BitSet();
    tokens.ids().forEach((token, id) -> ends.set(id, !BYTE.matcher(token).matches()));
    for (JsonNode one : added) {
      if (one.path("special").asBoolean()) {
        ends.clear(one.path("id").asInt());
      }
    }
    return new ByteRuns(true, ends);
  }

  /**
   * How many of some tokens are in front of a run that may go on: it does behind ids that have no
   * text of their own.
   */
  int settled(List<Integer> ids) {
    int end = ids.size();
    while (exist && end > 0 && !ends.get(ids.get(end - 1))) {
      end--;
    }
    return end;
  }
}
