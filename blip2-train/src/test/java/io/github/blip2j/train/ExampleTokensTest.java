package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts and answers stand as they do when the model writes. */
class ExampleTokensTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("tiny.png"));

  @TempDir static Path cache;

  private static TextConfig config(Blip2 model) {
    return LoadedCheckpoint.of(model).source().program().language().config();
  }

  private static List<Integer> list(int... ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  /** A decoder's row is what the tokenizer makes of both together, and its end. */
  @ParameterizedTest
  @CsvSource({"tiny-opt-bin", "tiny-blip2-llama", "tiny-blip2-qwen2", "tiny-mblip-bloomz"})
  void aDecodersRowIsOneText(String fixture) {
    try (Blip2 model = TinyTraining.load(fixture, cache)) {
      TextConfig config = config(model);
      TrainingExample example = new TrainingExample(IMAGE, "a photo of", "two cats");
      ExampleTokens tokens = ExampleTokens.of(config, model.tokenizer(), example);
      assertThat(list(tokens.prompt())).isEqualTo(model.tokenizer().encodePrompt("a photo of"));
      List<Integer> row = new java.util.ArrayList<>(list(tokens.prompt()));
      row.addAll(list(tokens.answer()));
      assertThat(config.endTokens()).contains(row.remove(row.size() - 1));
      assertThat(row).isEqualTo(model.tokenizer().encodePrompt("a photo of two cats"));
    }
  }

  /** Ranking scores an answer by the same ids. */
  @ParameterizedTest
  @CsvSource({"tiny-opt-bin", "tiny-blip2-llama"})
  void anAnswerBehindASpaceHasNoSecondOne(String fixture) {
    try (Blip2 model = TinyTraining.load(fixture, cache)) {
      TrainingExample example = new TrainingExample(IMAGE, "a photo of ", "two cats");
      ExampleTokens tokens = ExampleTokens.of(config(model), model.tokenizer(), example);
      List<Integer> row = new java.util.ArrayList<>(list(tokens.prompt()));
      row.addAll(list(tokens.answer()));
      row.remove(row.size() - 1);
      assertThat(model.tokenizer().decode(row).strip()).isEqualTo("a photo of two cats");
    }
  }

  @Test
  void aCaptionFollowsTheStartToken() {
    try (Blip2 model = TinyTraining.load(cache)) {
      ExampleTokens tokens =
          ExampleTokens.of(
              config(model), model.tokenizer(), TrainingExample.caption(IMAGE, "two cats"));
      assertThat(tokens.prompt()).containsExactly(2);
      List<Integer> answer = new java.util.ArrayList<>(model.tokenizer().encode("two cats"));
      answer.add(202);
      assertThat(list(tokens.answer())).isEqualTo(answer);
    }
  }

  /** T5's tokenizer ends every text itself, once. */
  @Test
  void anEncodersAnswerEndsOnce() {
    try (Blip2 model = TinyTraining.load("tiny-mblip-mt0", cache)) {
      TrainingExample example = new TrainingExample(IMAGE, "a photo of", "two cats");
      ExampleTokens tokens = ExampleTokens.of(config(model), model.tokenizer(), example);
      assertThat(list(tokens.answer())).isEqualTo(model.tokenizer().encodePrompt("two cats"));
      assertThat(tokens.answer()[tokens.answer().length - 1]).isEqualTo(1);
      assertThat(list(tokens.prompt())).isEqualTo(model.tokenizer().encodePrompt("a photo of"));
    }
  }
}
