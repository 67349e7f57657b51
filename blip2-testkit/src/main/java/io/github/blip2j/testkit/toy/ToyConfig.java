package io.github.blip2j.testkit.toy;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/** Settings of a toy decoder. */
record ToyConfig(
    int hiddenSize,
    int feedForwardSize,
    int layers,
    int heads,
    int keyValueHeads,
    int vocabularySize,
    List<Integer> endTokens)
    implements TextConfig {
  ToyConfig {
    Rules.divides("num_attention_heads", heads, "hidden_size", hiddenSize);
    Rules.divides("num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
    endTokens = List.copyOf(endTokens);
  }

  int headWidth() {
    return hiddenSize / heads;
  }

  @Override
  public int maxPositions() {
    return 160;
  }

  @Override
  public int startToken() {
    return 2;
  }

  @Override
  public int padToken() {
    return 1;
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(layers, keyValueHeads, headWidth());
  }

  @Override
  public List<String> tokenTable() {
    return List.of("embed_tokens.weight");
  }

  @Override
  public List<Stack> stacks() {
    return List.of(new Stack("layers.", "text_config: num_hidden_layers", layers));
  }

  @Override
  public LanguageProgram program(Weights weights) {
    return ToyNetwork.of(this, weights);
  }
}
