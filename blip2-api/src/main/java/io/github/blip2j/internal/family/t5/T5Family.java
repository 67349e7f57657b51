package io.github.blip2j.internal.family.t5;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;

/** T5 (Raffel et al. 2020) and Flan-T5: an encoder and a decoder. */
public final class T5Family implements LanguageFamily {
  /** Creates the family. */
  public T5Family() {}

  @Override
  public String modelType() {
    return "t5";
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return T5Config.parse(text, generation);
  }
}
