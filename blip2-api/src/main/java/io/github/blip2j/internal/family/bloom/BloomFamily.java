package io.github.blip2j.internal.family.bloom;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;

/** BLOOM (Scao et al. 2022) and BLOOMZ: a decoder alone. */
public final class BloomFamily implements LanguageFamily {
  /** Creates the family. */
  public BloomFamily() {}

  @Override
  public String modelType() {
    return "bloom";
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return BloomConfig.parse(text, generation);
  }
}
