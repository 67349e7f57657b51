package io.github.blip2j.internal.family.t5;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import java.util.Arrays;
import java.util.List;

/** T5 (Raffel et al. 2020) and its relatives: an encoder and a decoder. */
public final class T5Family implements LanguageFamily {
  private final T5Kind kind;

  T5Family(T5Kind kind) {
    this.kind = kind;
  }

  /** One for each kind. */
  public static List<LanguageFamily> all() {
    return Arrays.stream(T5Kind.values()).<LanguageFamily>map(T5Family::new).toList();
  }

  @Override
  public String modelType() {
    return kind.modelType();
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return T5Config.parse(kind, text, generation);
  }
}
