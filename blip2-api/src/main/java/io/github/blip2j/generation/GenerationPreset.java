package io.github.blip2j.generation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Settings under which BLIP-2's published figures and demos were made, by name. */
public enum GenerationPreset {
  /** Transformers' own defaults: greedy, 20 new tokens. */
  REFERENCE(
      GenerationOptions.defaults(),
      0,
      "",
      "Transformers, GenerationConfig and Blip2 model defaults"),

  /** LAVIS's captions with OPT and Flan-T5: 5 beams, at most 30 tokens. */
  LAVIS_CAPTION(beams(30, 0, 1), 1, "", "LAVIS, Blip2OPT.generate and Blip2T5.generate defaults"),

  /** LAVIS's answers with OPT: 5 beams, at most 10 tokens, length not rewarded. */
  LAVIS_VQA_OPT(
      beams(10, 0, 0),
      1,
      "Question: {} Short answer:",
      "LAVIS, Blip2OPT.predict_answers defaults; prompt of configs vqav2_zeroshot_opt_eval"),

  /** LAVIS's answers with Flan-T5: 5 beams, at most 10 tokens, short ones favoured. */
  LAVIS_VQA_T5(
      beams(10, 0, -1),
      1,
      "Question: {} Short answer:",
      "LAVIS, Blip2T5.predict_answers defaults; prompt of configs vqav2_zeroshot_flant5xl_eval"),

  /**
   * LAVIS's evaluation on COCO captions: 5 beams, from {@code a photo of}, at most 30 new tokens
   * and at least 8 in all: 4 new ones of OPT, whose text begins with the prompt's four, and 7 of
   * Flan-T5, whose text begins with its start token.
   */
  COCO_CAPTION(
      beams(30, 4, 1),
      8,
      "a photo of",
      "LAVIS, configs caption_coco_opt2.7b_eval and blip2_caption_opt2.7b"),

  /**
   * LAVIS's evaluation on NoCaps: 5 beams, no prompt, at most 80 new tokens, at least 10 in all.
   */
  NOCAPS(beams(80, 9, 1), 10, "", "LAVIS, configs caption_nocaps_out_domain_flant5xl_eval"),

  /** InstructBLIP as its model cards call it: 5 beams, at most 256 tokens, repetition penalised. */
  INSTRUCTBLIP(
      beams(256, 0, 1).toBuilder().repetitionPenalty(1.5).build(),
      1,
      "",
      "LAVIS, Blip2VicunaInstruct.generate defaults; the documentation of Transformers"),

  /** LAVIS's evaluation of InstructBLIP's captions: 5 beams, 10 to 80 tokens. */
  INSTRUCTBLIP_CAPTION(
      beams(80, 9, 1), 10, "A short image caption.", "LAVIS, InstructBLIP's evaluation on NoCaps"),

  /** LAVIS's evaluation of InstructBLIP's answers: 5 beams, at most 10 tokens, short favoured. */
  INSTRUCTBLIP_VQA(
      beams(10, 0, -1), 1, "Question: {} Short Answer:", "LAVIS, InstructBLIP's evaluation of VQA");

  private final GenerationOptions options;
  private final int minLength; // of the whole text that the language model counts
  private final String prompt;
  private final String source;

  GenerationPreset(GenerationOptions options, int minLength, String prompt, String source) {
    this.options = options;
    this.minLength = minLength;
    this.prompt = prompt;
    this.source = source;
  }

  private static GenerationOptions beams(int most, int least, double lengthPenalty) {
    return GenerationOptions.builder()
        .numBeams(5)
        .maxNewTokens(most)
        .minNewTokens(least)
        .lengthPenalty(lengthPenalty)
        .build();
  }

  /**
   * Finds a preset by name.
   *
   * @param label such as {@code lavis-vqa-opt}
   * @return the preset
   * @throws IllegalArgumentException if there is none; lists the names
   */
  public static GenerationPreset parse(String label) {
    for (GenerationPreset preset : values()) {
      if (preset.label().equals(label)) {
        return preset;
      }
    }
    throw new IllegalArgumentException(
        "preset ("
            + label
            + ") must be one of "
            + Arrays.stream(values()).map(GenerationPreset::label).toList());
  }

  /**
   * The preset's name.
   *
   * @return lower case with hyphens, such as {@code lavis-vqa-opt}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Every parameter, with the model that the source evaluates and behind the preset's own prompt.
   *
   * @return the options; {@link GenerationOptions#minNewTokens} differs with other models and
   *     prompts, see {@link #options(int)}
   */
  public GenerationOptions options() {
    return options;
  }

  /**
   * Every parameter, for a text that has begun. LAVIS's {@code min_length} counts what a
   * decoder-only model's text begins with, the prompt and its start token, and an encoder-decoder
   * model's start token; so what is left for new tokens depends on both. {@code Blip2.options}
   * counts them.
   *
   * @param begun tokens of the text before its first new one
   * @return the options
   */
  public GenerationOptions options(int begun) {
    return options.withMinNewTokens(Math.max(0, minLength - begun));
  }

  /**
   * The prompt or question template that belongs to it.
   *
   * @return text, with {@code {}} where a question goes; nothing if it starts without a prompt
   */
  public Optional<String> prompt() {
    return prompt.isEmpty() ? Optional.empty() : Optional.of(prompt);
  }

  /**
   * Where the values come from.
   *
   * @return project, and function or configuration
   */
  public String source() {
    return source;
  }
}
