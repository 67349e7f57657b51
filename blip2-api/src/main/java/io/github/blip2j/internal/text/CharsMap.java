package io.github.blip2j.internal.text;

import io.github.blip2j.core.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * SentencePiece's precompiled table of normalisations: the length of a double-array trie in bytes,
 * the trie in units of 32 bits, then texts that each end with a zero byte. Native code follows the
 * trie without a look at its bounds, so every unit that a text could lead to is followed here.
 * Format: SentencePiece, {@code normalizer.cc} and {@code darts.h}.
 */
final class CharsMap {
  private CharsMap() {}

  /**
   * Checks a table.
   *
   * @return the same in the canonical form of base64
   */
  static String checked(String where, String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(where + ": expected base64, found: " + e.getMessage(), e);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = bytes.length < 4 ? -1 : Integer.toUnsignedLong(buffer.getInt());
    if (length < 4 || length % 4 != 0 || length > buffer.remaining()) {
      throw new CheckpointException(
          where
              + ": expected a trie of 4 to "
              + buffer.remaining()
              + " bytes in front of its texts, found a length of "
              + length);
    }
    IntBuffer trie = buffer.slice(4, (int) length).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    ByteBuffer texts = buffer.slice(4 + (int) length, bytes.length - 4 - (int) length);
    try {
      StandardCharsets.UTF_8.newDecoder().decode(texts.duplicate());
    } catch (CharacterCodingException e) {
      throw new CheckpointException(where + ": expected texts in UTF-8, found other bytes", e);
    }
    follow(where, trie, texts);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static void follow(String where, IntBuffer trie, ByteBuffer texts) {
    BitSet seen = new BitSet(trie.limit());
    Deque<Integer> bases = new ArrayDeque<>();
    bases.add(offset(trie.get(0)));
    while (!bases.isEmpty()) {
      int base = bases.remove();
      for (int label = 1; label < 256; label++) {
        int at = base ^ label;
        if (at < 0 || at >= trie.limit()) {
          throw new CheckpointException(
              where + ": expected units below " + trie.limit() + ", found a way to " + at);
        }
        int unit = trie.get(at);
        if ((unit & 0x800000ff) == label && !seen.get(at)) {
          seen.set(at);
          int next = at ^ offset(unit);
          bases.add(next);
          if ((unit >>> 8 & 1) == 1) {
            checkText(where, trie, next, texts);
          }
        }
      }
    }
  }

  /** A leaf's value is where its text begins. */
  private static void checkText(String where, IntBuffer trie, int leaf, ByteBuffer texts) {
    int text = leaf < 0 || leaf >= trie.limit() ? -1 : trie.get(leaf) & 0x7fffffff;
    boolean start = text == texts.limit() || text < texts.limit() && startsCharacter(texts, text);
    if (text < 0 || !start) {
      throw new CheckpointException(
          where + ": expected texts within " + texts.limit() + " bytes, found one at " + text);
    }
  }

  private static boolean startsCharacter(ByteBuffer texts, int at) {
    return at >= 0 && (texts.get(at) & 0xc0) != 0x80;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
