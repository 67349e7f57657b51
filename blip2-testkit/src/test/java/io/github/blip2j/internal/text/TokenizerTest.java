package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private static final int LETTER_A = 68;

  private static Tokenizer load() {
    return Tokenizer.load(Checkpoint.open(OPT));
  }

  @Test
  void idsAreTheReferences() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(Files.readAllBytes(OPT.resolve("golden.json"))).get("cases");
    int compared = 0;
    try (Tokenizer tokenizer = load()) {
      for (JsonNode golden : cases) {
        for (int row = 0;
            golden.get("prompts").isArray() && row < golden.get("prompts").size();
            row++) {
          JsonNode mask = golden.get("attention_mask").get(row);
          JsonNode ids = golden.get("input_ids").get(row);
          int[] text =
              IntStream.range(6, ids.size()) // behind the image tokens
                  .filter(i -> mask.get(i).intValue() == 1)
                  .map(i -> ids.get(i).intValue())
                  .toArray();
          assertThat(tokenizer.encode(golden.get("prompts").get(row).textValue())).isEqualTo(text);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(40);
  }

  @Test
  void longPromptsAreNotCut() {
    try (Tokenizer tokenizer = load()) {
      assertThat(tokenizer.encode("a photo of ".repeat(140)).length).isGreaterThan(560);
    }
  }

  /** Eight times the positions do not fit into an int; the weights have not been looked at yet. */
  @Test
  void anyNumberOfPositionsMayBeClaimed(@TempDir Path folder) throws IOException {
    Path claiming = Fixtures.copy("tiny-opt", folder.resolve("claiming"));
    String config = Files.readString(claiming.resolve("config.json"));
    String claim = "\"max_position_embeddings\": ";
    assertThat(config).contains(claim + "160");
    String text = "a photo of ".repeat(140);
    for (int positions : List.of(300_000_000, Integer.MAX_VALUE)) {
      Files.writeString(
          claiming.resolve("config.json"), config.replace(claim + "160", claim + positions));
      try (Tokenizer tokenizer = load();
          Tokenizer other = Tokenizer.load(Checkpoint.open(claiming))) {
        assertThat(other.encode(text)).isEqualTo(tokenizer.encode(text));
      }
    }
  }

  @Test
  void theImagePlaceholderInAPromptIsPlainText() {
    try (Tokenizer tokenizer = load()) {
      int[] ids = tokenizer.encode("see <image><image>, and <image>");
      assertThat(Arrays.stream(ids)).doesNotContain(400).startsWith(2);
      assertThat(tokenizer.decode(Arrays.stream(ids).boxed().toList()))
          .isEqualTo("see <image><image>, and <image>");
      assertThat(Arrays.stream(ids).filter(i -> i == 2)).hasSize(1);
      int[] letters = tokenizer.encode("<imag");
      assertThat(tokenizer.encode("<image>")).startsWith(letters[0], letters[1]);
    }
  }

  @Test
  void manyImagePlaceholdersTakeNoStack() throws InterruptedException {
    try (Tokenizer tokenizer = load()) {
      int[] few = tokenizer.encode("<image>".repeat(50));
      AtomicReference<int[]> many = new AtomicReference<>();
      Thread small = // a stack that some hundreds of nested calls fill
          new Thread(null, () -> many.set(tokenizer.encode("<image>".repeat(30_000))), "", 1 << 18);
      small.start();
      small.join();
      assertThat(many.get()).startsWith(few).hasSizeLessThan(3000); // no more than can be too many
    }
  }

  @Test
  void promptsThatAreFarTooLongAreNotReadWhole() {
    try (Tokenizer tokenizer = load()) {
      int[] ids = tokenizer.encode("a photo of ".repeat(5_000_000)); // 55 MB
      assertThat(ids).hasSizeBetween(512 + 64, 5000);
      assertThat(tokenizer.encodePlain(" cat".repeat(100_000))).hasSizeBetween(512 + 64, 5000);
      assertThat(tokenizer.encode("a\uD83D\uDE00".repeat(3000))).hasSizeGreaterThan(512 + 64);
    }
  }

  @Test
  void decodingLeavesOutSpecialTokensAndStripsAsPythonDoes() {
    try (Tokenizer tokenizer = load()) {
      assertThat(tokenizer.decode(List.of())).isEmpty();
      assertThat(tokenizer.decode(List.of(TinyOpt.START, TinyOpt.PAD, TinyOpt.END))).isEmpty();
      assertThat(tokenizer.decode(List.of(TinyOpt.IMAGE, LETTER_A, TinyOpt.END))).isEqualTo("a");
    }
    assertThat(Tokenizer.strip("\u00a0\n a\u2003b \u0085\u001f")).isEqualTo("a\u2003b");
    assertThat(Tokenizer.strip(" \t ")).isEmpty();
  }

  @Test
  void whatIsNoTokenizerIsRefused(@TempDir Path folder) throws IOException {
    Path broken = Fixtures.copy("tiny-opt", folder.resolve("it"));
    Files.writeString(broken.resolve("tokenizer.json"), "{}");
    assertThatThrownBy(() -> Tokenizer.load(Checkpoint.open(broken)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json: expected a tokenizer, found");
  }
}
