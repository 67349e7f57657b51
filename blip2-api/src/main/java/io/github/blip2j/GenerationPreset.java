package io.github.blip2j;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Settings under which BLIP-2's published figures and demos were made, by name. */
public enum GenerationPreset {
  /** Transformers' own defaults: greedy, 20 new tokens. */
  REFERENCE(
      GenerationOptions.defaults(), "", "Transformers, GenerationConfig and Blip2 model defaults"),

  /** LAVIS's captions with OPT and Flan-T5: 5 beams, 1 to 30 tokens. */
  LAVIS_CAPTION(beams(30, 1, 1), "", "LAVIS, Blip2OPT.generate and Blip2T5.generate defaults"),

  /** LAVIS's answers with OPT: 5 beams, at most 10 tokens, length not rewarded. */
  LAVIS_VQA_OPT(
      beams(10, 1, 0),
      "Question: {} Short answer:",
      "LAVIS, Blip2OPT.predict_answers defaults; prompt of configs vqav2_zeroshot_opt_eval"),

  /** LAVIS's answers with Flan-T5: 5 beams, at most 10 tokens, short ones favoured. */
  LAVIS_VQA_T5(
      beams(10, 1, -1),
      "Question: {} Short answer:",
      "LAVIS, Blip2T5.predict_answers defaults; prompt of configs vqav2_zeroshot_flant5xl_eval"),

  /** LAVIS's evaluation on COCO captions: 5 beams, 8 to 30 tokens, from {@code a photo of}. */
  COCO_CAPTION(beams(30, 8, 1), "a photo of", "LAVIS, caption_coco evaluation configuration"),

  /** LAVIS's evaluation on NoCaps: 5 beams, 10 to 80 tokens. */
  NOCAPS(beams(80, 10, 1), "a photo of", "LAVIS, nocaps evaluation configuration");

  private final GenerationOptions options;
  private final String prompt;
  private final String source;

  GenerationPreset(GenerationOptions options, String prompt, String source) {
    this.options = options;
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
   * Every parameter.
   *
   * @return the options
   */
  public GenerationOptions options() {
    return options;
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
