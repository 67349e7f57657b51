package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TextAssemblerTest {
  /** A token a byte, as byte-level BPE at its worst. */
  private static final Function<List<Integer>, String> BYTES =
      ids -> {
        byte[] bytes = new byte[ids.size()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = ids.get(i).byteValue();
        }
        return new String(bytes, StandardCharsets.UTF_8);
      };

  private static List<String> pieces(String text, String... stops) {
    TextAssembler assembler =
        new TextAssembler(
            BYTES,
            whole -> {
              int end = whole.length();
              for (String stop : stops) {
                int at = whole.indexOf(stop);
                end = at < 0 ? end : Math.min(end, at);
              }
              return whole.substring(0, end).strip();
            },
            List.of(stops));
    List<String> pieces = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      ids.add((int) bytes[i]);
      pieces.add(assembler.next(ids, i == bytes.length - 1));
    }
    return pieces;
  }

  @Test
  void charactersAreNeverSplit() {
    List<String> pieces = pieces("é日🙂!");
    assertThat(pieces).containsExactly("", "é", "", "", "日", "", "", "", "🙂", "!");
  }

  @Test
  void outerWhiteSpaceIsHeldBack() {
    assertThat(pieces(" a b  ")).containsExactly("", "a", "", " b", "", "");
    assertThat(String.join("", pieces("  a \n b\n"))).isEqualTo("a \n b");
  }

  @Test
  void whatMayBecomeAStopStringIsHeldBack() {
    assertThat(pieces("ab.", "..")).containsExactly("a", "b", ".");
    assertThat(pieces("ab.c", "..")).containsExactly("a", "b", "", ".c");
    assertThat(pieces("ab..", "..")).containsExactly("a", "b", "", "");
    assertThat(String.join("", pieces("one stop two", "stop", "sto"))).isEqualTo("one");
  }

  @Test
  void bytesThatAreNoCharacterComeAtTheEnd() {
    TextAssembler assembler = new TextAssembler(BYTES, String::strip, List.of());
    assertThat(assembler.next(List.of(0x61, 0x80), false)).isEqualTo("a");
    assertThat(assembler.next(List.of(0x61, 0x80, 0x80), true)).isEqualTo("\uFFFD\uFFFD");
  }
}
