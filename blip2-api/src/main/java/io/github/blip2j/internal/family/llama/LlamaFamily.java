package io.github.blip2j.internal.family.llama;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import java.util.Arrays;
import java.util.List;

/** Decoders with rotary positions: LLaMA and its relatives. */
public final class LlamaFamily implements LanguageFamily {
  private final LlamaKind kind;

  LlamaFamily(LlamaKind kind) {
    this.kind = kind;
  }

  /** One for each kind. */
  public static List<LanguageFamily> all() {
    return Arrays.stream(LlamaKind.values()).<LanguageFamily>map(LlamaFamily::new).toList();
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
