package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpaceCleanupTest {
  private static final String ON = "{\"clean_up_tokenization_spaces\": true}";
  private static final String FORCED =
      "{\"clean_up_tokenization_spaces\": true,"
          + " \"clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output\": true}";

  private static String decoded(Path folder, String fixture, String config, Integer... ids)
      throws IOException {
    Path copy = Fixtures.copy(fixture, Files.createTempDirectory(folder, "it").resolve("it"));
    Files.writeString(copy.resolve("tokenizer_config.json"), config);
    try (Tokenizer tokenizer = Tokenizer.load(Checkpoint.open(copy))) {
      return tokenizer.decode(List.of(ids));
    }
  }

  /** Texts of Transformers 5.18 with {@code strip()}, from the ids that its tokenizers give. */
  @Test
  void textsAreTheReferences(@TempDir Path folder) throws IOException {
    assertThat(decoded(folder, "tiny-t5", ON, 8, 36, 5, 16)).isEqualTo("the cat.");
    assertThat(decoded(folder, "tiny-t5", "{}", 8, 36, 5, 16)).isEqualTo("the cat .");
    assertThat(decoded(folder, "tiny-opt", ON, 87, 263, 317, 266)).isEqualTo("the cat .");
    assertThat(decoded(folder, "tiny-opt", FORCED, 87, 263, 317, 266)).isEqualTo("the cat.");
    Integer[] quoted = {68, 224, 10, 278, 224, 10, 279, 266, 224};
    assertThat(decoded(folder, "tiny-opt", FORCED, quoted)).isEqualTo("a'b's.");
    assertThat(decoded(folder, "tiny-opt", ON, quoted)).isEqualTo("a ' b ' s .");
  }

  /** However a text is cut into tokens, its pieces are together the whole text, cleaned. */
  @Test
  void piecesOfAStreamAreTheCleanText() {
    Random random = new Random(5);
    String[] words = {" ", "'", "n", "t", ".", " '", " 's", "a", "cat", " n't", "'ve", "  ", "r"};
    TextAssembler.TextCleaner cleaner =
        new TextAssembler.TextCleaner() {
          @Override
          public String clean(String text) {
            return Tokenizer.strip(SpaceCleanup.ON.clean(text));
          }

          @Override
          public int settled(String text, int end) {
            return SpaceCleanup.ON.settled(text, end);
          }
        };
    for (int round = 0; round < 20_000; round++) {
      List<Integer> ids = random.ints(1 + random.nextInt(12), 0, words.length).boxed().toList();
      TextAssembler assembler = new TextAssembler(some -> join(words, some), cleaner, List.of());
      StringBuilder pieces = new StringBuilder();
      IntStream.rangeClosed(1, ids.size())
          .forEach(n -> pieces.append(assembler.next(ids.subList(0, n), n == ids.size())));
      assertThat(pieces.toString()).isEqualTo(cleaner.clean(join(words, ids)));
    }
  }

  private static String join(String[] words, List<Integer> ids) {
    return String.join("", ids.stream().map(i -> words[i]).toList());
  }
}
