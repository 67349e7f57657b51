package io.github.blip2j.bench;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/** What decoding asks of a decoder's settings, where there is no model behind them. */
record SettingsAlone(int vocabularySize, int maxPositions, List<Integer> endTokens)
    implements TextConfig {
  @Override
  public int hiddenSize() {
    return 4;
  }

  @Override
  public int heads() {
    return 2;
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(1, heads(), hiddenSize() / heads());
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
  public boolean encoderDecoder() {
    return false;
  }

  @Override
  public List<String> tokenTable() {
    return List.of();
  }

  @Override
  public List<Stack> stacks() {
    return List.of();
  }

  @Override
  public LanguageProgram program(Weights weights) {
    throw new UnsupportedOperationException("settings alone");
  }
}
