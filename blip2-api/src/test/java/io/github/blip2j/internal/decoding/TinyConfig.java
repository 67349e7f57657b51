package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/** The least decoder that tests of decoding do with: settings without a model behind them. */
public record TinyConfig(int vocabularySize, int maxPositions) implements TextConfig {
  /** Floats of a vector. */
  public static final int WIDTH = 4;

  private static final int LAYERS = 1;
  private static final int HEADS = 2;

  @Override
  public int hiddenSize() {
    return WIDTH;
  }

  @Override
  public int heads() {
    return HEADS;
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(LAYERS, HEADS, WIDTH / HEADS);
  }

  @Override
  public int startToken() {
    return 2;
  }

  @Override
  public int padToken() {
    return 1;
  }

  /** The last token ends a text. */
  @Override
  public List<Integer> endTokens() {
    return List.of(vocabularySize - 1);
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
