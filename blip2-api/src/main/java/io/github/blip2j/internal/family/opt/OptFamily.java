package io.github.blip2j.internal.family.opt;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;

/** OPT (Zhang et al. 2022): a decoder alone. */
public final class OptFamily implements LanguageFamily {
  /** Creates the family. */
  public OptFamily() {}

  @Override
  public String modelType() {
    return "opt";
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return OptConfig.parse(text, generation);
  }
}
