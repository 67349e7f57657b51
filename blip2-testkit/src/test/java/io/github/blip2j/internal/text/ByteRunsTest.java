package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.testkit.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Pieces of texts that LLaMA's tokenizer spells in bytes. */
class ByteRunsTest {
  private static final int BYTE_E2 = 229;
  private static final int BYTE_82 = 133;
  private static final int BYTE_AC = 175;
  private static final int RED = 484;
  private static final int END = 2; // special: decoding leaves it out
  private static final int NONE = 600; // has no token

  private static Tokenizer load(String fixture) {
    return Tokenizer.load(Checkpoint.open(Fixtures.directory(fixture)));
  }

  private static List<String> pieces(Tokenizer tokenizer, List<Integer> ids) {
    TextAssembler.TextCleaner cleaner =
        new TextAssembler.TextCleaner() {
          @Override
          public String clean(String text) {
            return tokenizer.tidy(text);
          }

          @Override
          public int settledTokens(List<Integer> some) {
            return tokenizer.settled(some);
          }
        };
    TextAssembler assembler = new TextAssembler(tokenizer::decodeRaw, cleaner, List.of());
    List<String> pieces = new ArrayList<>();
    for (int n = 1; n <= ids.size(); n++) {
      pieces.add(assembler.next(ids.subList(0, n), n == ids.size()));
    }
    return pieces;
  }

  @Test
  void aCharacterThatEndsInItsMidstTakesTheOnesInFrontAlong() {
    try (Tokenizer tokenizer = load("tiny-blip2-llama")) {
      List<Integer> ids = List.of(RED, BYTE_E2, BYTE_82, BYTE_AC, BYTE_E2, BYTE_82);
      assertThat(tokenizer.decode(ids)).isEqualTo("red" + "\uFFFD".repeat(5));
      assertThat(pieces(tokenizer, ids)).containsExactly("red", "", "", "", "", "\uFFFD".repeat(5));
      assertThat(pieces(tokenizer, List.of(RED, BYTE_E2, BYTE_82, BYTE_AC, RED, RED)))
          .containsExactly("red", "", "", "", "€ red", " red");
    }
  }

  /** What decoding leaves out ends no run. */
  @Test
  void piecesJoinedAreTheWholeTextWhateverComes() {
    int[] some = {BYTE_E2, BYTE_82, BYTE_AC, BYTE_E2, BYTE_82, BYTE_AC, RED, END, NONE};
    Random random = new Random(3);
    try (Tokenizer tokenizer = load("tiny-blip2-llama")) {
      for (int round = 0; round < 2000; round++) {
        List<Integer> ids = new ArrayList<>(List.of(BYTE_E2, BYTE_82, BYTE_AC));
        random.ints(random.nextInt(8), 0, some.length).forEach(i -> ids.add(some[i]));
        assertThat(String.join("", pieces(tokenizer, ids)))
            .as("%s", ids)
            .isEqualTo(tokenizer.decode(ids));
      }
    }
  }

  @Test
  void otherTokenizersHoldNothingBack() {
    try (Tokenizer tokenizer = load("tiny-opt")) {
      assertThat(tokenizer.settled(List.of(BYTE_E2, BYTE_82, END, NONE))).isEqualTo(4);
    }
  }
}
