package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSequence;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text to ids and back; ids and tokens are Transformers' of the same files. */
class TextTokenizerTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("landscape.png"));

  private static Blip2 load(String checkpoint) {
    return Blip2.load(Fixtures.directory(checkpoint));
  }

  private static List<String> tokens(TextTokenizer tokenizer, List<Integer> ids) {
    return ids.stream().map(id -> tokenizer.token(id).orElseThrow()).toList();
  }

  @Test
  void byteLevelTokensAreTheReferences() {
    try (Blip2 blip2 = load("tiny-opt")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      assertThat(tokenizer.encode(" two cats")).containsExactly(396, 325);
      assertThat(tokenizer.encode("two cats")).containsExactly(363, 325);
      assertThat(tokenizer.encodePrompt("two cats")).containsExactly(2, 363, 325);
      assertThat(tokens(tokenizer, List.of(396, 325, 400)))
          .containsExactly("Ġtwo", "Ġcats", "<image>");
      assertThat(tokenizer.encode("naïve café")).containsExactly(81, 334, 370, 262, 331, 310);
      assertThat(tokenizer.decode(List.of(2, 81, 334, 370, 262, 331, 310, 1)))
          .isEqualTo("naïve café");
      assertThat(tokenizer.decode(List.of(396, 325))).isEqualTo(" two cats");
      assertThat(tokenizer.specialIds()).contains(0, 1, 2, 400).doesNotContain(396);
      assertThat(tokenizer.vocabularySize()).isEqualTo(TinyOpt.VOCABULARY);
    }
  }

  @Test
  void unigramTokensAreTheReferences() {
    try (Blip2 blip2 = load("tiny-t5")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      assertThat(tokenizer.encode("two cats")).containsExactly(66, 36, 5, 4);
      assertThat(tokenizer.encodePrompt("two cats")).containsExactly(66, 36, 5, 4, 1);
      assertThat(tokens(tokenizer, List.of(66, 36, 5, 4, 1)))
          .containsExactly("▁two", "▁ca", "t", "s", "</s>");
      assertThat(tokenizer.decode(List.of(66, 36, 5, 4, 1))).isEqualTo("two cats");
      assertThat(tokenizer.specialIds()).contains(0, 1, 2, 108);
      assertThat(tokenizer.vocabularySize()).isEqualTo(128);
      assertThat(tokenizer.token(127)).isEmpty(); // a row without a token
      assertThat(tokenizer.decode(List.of(66, 127))).isEqualTo("two");
    }
  }

  /** Where a space belongs to the word behind it, no prompt changes what stands behind it. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-blip2-qwen2", "tiny-mblip-bloomz", "tiny-itg"})
  void aTextBehindAPromptIsReadByItself(String checkpoint) {
    try (Blip2 blip2 = load(checkpoint)) {
      TextTokenizer tokenizer = blip2.tokenizer();
      for (String text : List.of("two cats", "'s", "3 km.", "naïve <image>", "a\nb")) {
        for (String prompt : List.of("Question: what? Answer:", "it", "42")) {
          assertThat(tokenizer.encodeBehind(prompt, text)).isEqualTo(tokenizer.encode(" " + text));
          assertThat(tokenizer.encodeBehind(prompt, " " + text))
              .isEqualTo(tokenizer.encode(" " + text));
        }
        for (String prompt : List.of("", "Answer: ", "Answer:  ", "two\n", "\t")) {
          assertThat(tokenizer.encodeBehind(prompt, text)).isEqualTo(tokenizer.encode(text));
        }
      }
      assertThat(tokenizer.encodeBehind("Answer:", "")).isEmpty();
    }
  }

  /** It puts a space in front of every text, and so of one that stands by itself. */
  @Test
  void aTextBehindAPromptHasTheSpaceThatIsThere() {
    try (Blip2 blip2 = load("tiny-instructblip-vicuna")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      List<Integer> within = List.of(tokenizer.id("▁two").orElseThrow());
      assertThat(tokenizer.encode("two")).isEqualTo(within);
      assertThat(tokens(tokenizer, tokenizer.encode(" two"))).containsExactly("▁", "▁two");
      assertThat(tokenizer.encodeBehind("Answer:", "two")).isEqualTo(within);
      assertThat(tokenizer.encodeBehind("Answer:", " two")).isEqualTo(within);
      assertThat(tokenizer.encodeBehind("", "two")).isEqualTo(within);
      assertThat(tokenizer.encodeBehind("Answer: ", " two")).isEqualTo(within);
      List<Integer> prompt = tokenizer.encodePrompt("Answer: ");
      List<Integer> bare = tokenizer.encodeBehind("Answer: ", "two");
      assertThat(tokenizer.token(prompt.get(prompt.size() - 1))).contains("▁");
      assertThat(String.join("", tokens(tokenizer, bare))).isEqualTo("two");
    }
  }

  /** An encoder reads the prompt; the decoder writes from the beginning. */
  @Test
  void anEncodersPromptIsNotInFrontOfAText() {
    try (Blip2 blip2 = load("tiny-t5")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      assertThat(tokenizer.encodeBehind("Answer:", "two")).isEqualTo(tokenizer.encode("two"));
    }
  }

  /** The library's native code would end the process where the heap ends. */
  @Test
  void textsThatDoNotFitTheHeapAreRefused() {
    String text = "a ".repeat(50_000_000);
    try (Blip2 blip2 = load("tiny-opt")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> tokenizer.encode(text))
          .withMessageContaining("100000000 letters");
      assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.encodePrompt(text));
      assertThat(tokenizer.encode("a ".repeat(2000))).hasSizeGreaterThan(2000);
    }
  }

  @Test
  void wordPiecesAreTheReferences() {
    try (Blip2 blip2 = load("tiny-itm")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      assertThat(tokenizer.encode("a photo of")).containsExactly(20, 234, 91);
      assertThat(tokenizer.encodePrompt("naïve café")).containsExactly(2, 233, 207, 3);
      assertThat(tokenizer.decode(List.of(2, 233, 207, 3))).isEqualTo("naive cafe");
      assertThat(tokenizer.id("[CLS]")).hasValue(2);
      assertThat(tokenizer.specialIds()).containsExactly(0, 1, 2, 3, 4, 237);
    }
  }

  @Test
  void tokensAndIdsAreInverse() {
    for (String checkpoint : List.of("tiny-opt", "tiny-t5", "tiny-itm")) {
      try (Blip2 blip2 = load(checkpoint)) {
        TextTokenizer tokenizer = blip2.tokenizer();
        int found = 0;
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
          if (tokenizer.token(id).isPresent()) {
            assertThat(tokenizer.id(tokenizer.token(id).get())).hasValue(id);
            found++;
          }
        }
        assertThat(found).isGreaterThan(100);
        assertThat(tokenizer.id("no such token")).isEmpty();
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.decode(List.of())).isEmpty();
      }
    }
  }

  @Test
  void whatItGivesServesChoicesBansAndProcessors() {
    try (Blip2 blip2 = load("tiny-opt")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      List<List<Integer>> choices = List.of(tokenizer.encode(" two"), tokenizer.encode(" cats"));
      GenerationOptions chosen = GenerationOptions.builder().choices(choices).build();
      assertThat(blip2.vqa().withOptions(chosen).ask(IMAGE, "how many?").text())
          .isIn("two", "cats");
      List<Integer> first = blip2.caption(IMAGE).tokenIds();
      GenerationOptions banned =
          GenerationOptions.builder().badWordsIds(List.of(List.of(first.get(0)))).build();
      assertThat(blip2.captioner().withOptions(banned).caption(IMAGE).tokenIds())
          .doesNotContain(first.get(0));
      int two = tokenizer.id("Ġtwo").orElseThrow();
      GenerationOptions always =
          GenerationOptions.builder()
              .maxNewTokens(3)
              .scoreProcessors(List.of((tokens, scores) -> scores[two] = 1e9f))
              .build();
      GeneratedText text = blip2.captioner().withOptions(always).caption(IMAGE);
      assertThat(tokenizer.decode(text.tokenIds())).isEqualTo(" two two two");
    }
  }

  @Test
  void idsOutOfRangeAreRefused() {
    try (Blip2 blip2 = load("tiny-opt")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      for (int id : new int[] {-1, TinyOpt.VOCABULARY, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> tokenizer.decode(List.of(68, id)))
            .withMessage("token id (" + id + ") must be 0 to 447");
        assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.token(id));
      }
      assertThatThrownBy(() -> tokenizer.specialIds().clear())
          .isInstanceOf(UnsupportedOperationException.class);
      assertThatThrownBy(() -> tokenizer.encode("a").clear())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  /** The ids are those of the reference's tokenizer without the added token. */
  @Test
  void thePlaceholderIsLetters() {
    Map<String, List<Integer>> expected =
        Map.of(
            "tiny-opt", List.of(86, 297, 224, 31, 76, 80, 68, 74, 72, 33, 261, 81, 71, 224, 31, 76),
            "tiny-t5", List.of(3, 4, 15, 15, 3, 2, 7, 39, 6, 13, 15, 2, 10, 9, 20, 3, 2, 7, 39, 6),
            "tiny-itm", List.of(38, 51, 51, 1, 28, 56, 53, 59, 51, 1, 90, 52, 1, 28, 56, 53, 59));
    expected.forEach(
        (checkpoint, beginning) -> {
          try (Blip2 blip2 = load(checkpoint)) {
            TextTokenizer tokenizer = blip2.tokenizer();
            String text = "see <image> and <image>";
            int image = tokenizer.id("<image>").orElseThrow();
            List<Integer> ids = tokenizer.encode(text);
            assertThat(ids).startsWith(beginning.toArray(Integer[]::new)).doesNotContain(image);
            List<Integer> prompt = tokenizer.encodePrompt(text);
            List<Integer> around = tokenizer.encodePrompt("");
            assertThat(prompt).hasSize(ids.size() + around.size()).containsSubsequence(ids);
            boolean behind = checkpoint.equals("tiny-t5");
            assertThat(prompt.subList(behind ? 0 : 1, ids.size() + (behind ? 0 : 1)))
                .isEqualTo(ids);
            assertThat(tokenizer.token(image)).hasValue("<image>");
          }
        });
  }

  @Test
  void aRequestsTokensAreThoseOfItsImageAndItsPrompt() {
    for (String checkpoint : List.of("tiny-opt", "tiny-t5")) {
      try (Blip2 blip2 = load(checkpoint)) {
        TextTokenizer tokenizer = blip2.tokenizer();
        int image = blip2.encode(IMAGE).projected().length;
        assertThat(tokenizer.inputTokens(IMAGE, null)).isEqualTo(image + 1);
        assertThat(tokenizer.inputTokens(blip2.encode(IMAGE), "two cats"))
            .isEqualTo(image + tokenizer.encodePrompt("two cats").size());
      }
    }
  }

  /** Its encoded images have patches alone, and it is never without a prompt. */
  @Test
  void withoutAPromptInstructBlipIsGivenTheOneForCaptions() {
    try (Blip2 blip2 = load("tiny-instructblip-t5")) {
      TextTokenizer tokenizer = blip2.tokenizer();
      int words = tokenizer.encodePrompt("A short image caption.").size();
      assertThat(words).isGreaterThan(tokenizer.encodePrompt("").size());
      assertThat(tokenizer.inputTokens(IMAGE, null)).isEqualTo(TinyOpt.QUERIES + words);
      assertThat(tokenizer.inputTokens(IMAGE, ""))
          .isEqualTo(TinyOpt.QUERIES + tokenizer.encodePrompt("").size());
      assertThat(tokenizer.inputTokens(ImageSequence.of(IMAGE, IMAGE), null))
          .isEqualTo(2 * TinyOpt.QUERIES + words);
    }
    try (Blip2 matcher = load("tiny-itm")) {
      assertThatThrownBy(() -> matcher.tokenizer().inputTokens(IMAGE, null))
          .isInstanceOf(CheckpointException.class);
    }
  }

  @Test
  void textsOfAnyLengthAreReadWhole() {
    try (Blip2 blip2 = load("tiny-opt")) {
      List<Integer> ids = blip2.tokenizer().encode(" two cats".repeat(20_000));
      assertThat(ids).hasSize(40_000).endsWith(396, 325);
    }
  }

  @Test
  void itIsSharedByThreadsAndRefusedAfterClosing() throws Exception {
    TextTokenizer tokenizer;
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Blip2 blip2 = load("tiny-opt")) {
      tokenizer = blip2.tokenizer();
      List<Future<String>> texts = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        String text = " two cats " + i;
        texts.add(
            threads.submit(
                () -> {
                  List<Integer> ids = tokenizer.encode(text);
                  ids.forEach(tokenizer::token);
                  return tokenizer.decode(ids);
                }));
      }
      for (int i = 0; i < texts.size(); i++) {
        assertThat(texts.get(i).get()).isEqualTo(" two cats " + i);
      }
    } finally {
      threads.shutdown();
    }
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.encode("a"));
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.decode(List.of(68)));
    assertThatIllegalStateException().isThrownBy(() -> tokenizer.token(68));
    assertThatIllegalStateException().isThrownBy(tokenizer::specialIds);
    assertThat(tokenizer.vocabularySize()).isEqualTo(TinyOpt.VOCABULARY);
  }
}
