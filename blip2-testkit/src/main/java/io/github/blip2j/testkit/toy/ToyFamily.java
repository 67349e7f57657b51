package io.github.blip2j.testkit.toy;

import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;

/** The smallest family: a decoder without positions whose queries share key/value heads. */
public final class ToyFamily implements LanguageFamily {
  @Override
  public String modelType() {
    return "toy";
  }

  @Override
  public TextConfig parse(Json text, Json generation) {
    return new ToyConfig(
        text.positive("hidden_size", 40),
        text.positive("intermediate_size", 64),
        text.positive("num_hidden_layers", 2),
        text.positive("num_attention_heads", 4),
        text.positive("num_key_value_heads", 2),
        text.positive("vocab_size", 448),
        text.ids("eos_token_id"));
  }
}
