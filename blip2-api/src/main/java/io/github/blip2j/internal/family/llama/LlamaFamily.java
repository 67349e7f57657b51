package io.github.blip2j.internal.family.llama;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;

/** Decoders with rotary positions: LLaMA and its relatives. */
public final class LlamaFamily implements LanguageFamily {
  private final LlamaKind kind;

  /**
   * Creates the family.
   *
   * @param kind of decoder
   */
  public LlamaFamily(LlamaKind kind) {
    this.kind = kind;
  }

  @Override
  public String modelType() {
    return kind.modelType();
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return LlamaConfig.parse(kind, text, generation);
  }
}
