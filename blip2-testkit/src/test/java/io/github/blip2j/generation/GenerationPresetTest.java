package io.github.blip2j.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.testkit.Fixtures;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Presets against LAVIS's arithmetic: its min_length is that of the whole text, max_length that of
 * the new tokens.
 */
class GenerationPresetTest {
  /** As the models of the published evaluations have it; "a photo of" has four tokens of OPT. */
  @ParameterizedTest
  @CsvSource({
    "reference, 0, 20, ''",
    "lavis-caption, 0, 30, ''",
    "lavis-vqa-opt, 0, 10, 'Question: {} Short answer:'",
    "lavis-vqa-t5, 0, 10, 'Question: {} Short answer:'",
    "coco-caption, 4, 30, a photo of",
    "nocaps, 9, 80, ''",
    "instructblip, 0, 256, ''",
    "instructblip-caption, 9, 80, A short image caption.",
    "instructblip-vqa, 0, 10, 'Question: {} Short Answer:'"
  })
  void valuesAreLaviss(String name, int least, int most, String prompt) {
    GenerationPreset preset = GenerationPreset.parse(name);
    assertThat(preset.options().minNewTokens()).isEqualTo(least);
    assertThat(preset.options().maxNewTokens()).isEqualTo(most);
    assertThat(preset.prompt().orElse("")).isEqualTo(prompt);
  }

  /** Of T5 the text begins with its start token alone, whatever the prompt. */
  @Test
  void anEncoderDecoderModelWritesAllButOne() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-t5"))) {
      assertThat(least(GenerationPreset.COCO_CAPTION, blip2, "a photo of")).isEqualTo(7);
      assertThat(least(GenerationPreset.NOCAPS, blip2, null)).isEqualTo(9);
      assertThat(least(GenerationPreset.LAVIS_CAPTION, blip2, null)).isZero();
      assertThat(least(GenerationPreset.LAVIS_VQA_T5, blip2, "Question: who?")).isZero();
      assertThat(least(GenerationPreset.REFERENCE, blip2, null)).isZero();
    }
  }

  /** The test checkpoint's tokenizer makes six tokens of "a photo of" and one of nothing. */
  @Test
  void aDecoderCountsItsPrompt() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      assertThat(least(GenerationPreset.COCO_CAPTION, blip2, "a photo of")).isEqualTo(8 - 6);
      assertThat(least(GenerationPreset.COCO_CAPTION, blip2, null)).isEqualTo(7);
      assertThat(least(GenerationPreset.COCO_CAPTION, blip2, "word ".repeat(8))).isZero();
      assertThat(least(GenerationPreset.NOCAPS, blip2, null)).isEqualTo(9);
      assertThat(least(GenerationPreset.LAVIS_CAPTION, blip2, null)).isZero();
    }
  }

  private static int least(GenerationPreset preset, Blip2 blip2, @Nullable String prompt) {
    return blip2.options(preset, prompt).minNewTokens();
  }
}
