package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class CharsMapTest {
  private static final int UNITS = 512;
  private static final int LEAF = 128;
  private static final int LETTER = 256 ^ 'a';

  /** A table of one letter: "a" becomes a text of the two bytes of "é". */
  private static ByteBuffer table() {
    ByteBuffer table = ByteBuffer.allocate(4 + 4 * UNITS + 4).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(0, 4 * UNITS);
    unit(table, 0, 256 << 10);
    unit(table, LETTER, 'a' | 1 << 8 | (LETTER ^ LEAF) << 10);
    unit(table, LEAF, 1 << 31);
    return table.put(4 + 4 * UNITS, new byte[] {(byte) 0xc3, (byte) 0xa9, 0, 'b'});
  }

  private static void unit(ByteBuffer table, int at, int value) {
    table.putInt(4 + 4 * at, value);
  }

  private static String check(ByteBuffer table) {
    return CharsMap.checked("map", Base64.getEncoder().encodeToString(table.array()));
  }

  @Test
  void aRightTableIsKept() {
    assertThat(check(table())).isEqualTo(Base64.getEncoder().encodeToString(table().array()));
  }

  @Test
  void everyWayOutOfTheTrieIsFound() {
    ByteBuffer wide = table();
    unit(wide, 0, 512 << 10); // the root's children lie behind the trie
    assertThatThrownBy(() -> check(wide)).hasMessageContaining("map: expected units below 512");
    ByteBuffer deep = table();
    unit(deep, LETTER, 'a' | 1 << 9 | 1 << 20); // a node's children do
    assertThatThrownBy(() -> check(deep)).hasMessageContaining("expected units below 512");
    ByteBuffer leaf = table();
    unit(leaf, LETTER, 'a' | 1 << 8 | 1000 << 10); // its leaf does
    assertThatThrownBy(() -> check(leaf)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void textsBeginWithinTheTableAndWithACharacter() {
    for (int text : new int[] {1, 5, 1 << 30}) {
      ByteBuffer table = table();
      unit(table, LEAF, 1 << 31 | text);
      assertThatThrownBy(() -> check(table))
          .hasMessage("map: expected texts within 4 bytes, found one at " + text);
    }
    ByteBuffer end = table();
    unit(end, LEAF, 1 << 31 | 4); // an empty text at the very end
    assertThat(check(end)).isNotEmpty();
  }

  @Test
  void lengthsAndLettersAreChecked() {
    for (int length : new int[] {0, 3, -4, 4 * UNITS + 8, Integer.MAX_VALUE}) {
      ByteBuffer table = table().putInt(0, length);
      assertThatThrownBy(() -> check(table)).hasMessageContaining("expected a trie of 4 to 2052");
    }
    ByteBuffer broken = table().put(4 + 4 * UNITS + 1, (byte) 'x');
    assertThatThrownBy(() -> check(broken)).hasMessageContaining("expected texts in UTF-8");
    assertThatThrownBy(() -> CharsMap.checked("map", "a*"))
        .hasMessageContaining("map: expected base64");
    assertThatThrownBy(() -> CharsMap.checked("map", "")).hasMessageContaining("trie");
  }
}
