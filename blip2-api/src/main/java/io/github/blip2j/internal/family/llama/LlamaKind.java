package io.github.blip2j.internal.family.llama;

import io.github.blip2j.files.Json;

/** Kinds of decoder with rotary positions, with what Transformers takes where nothing is said. */
enum LlamaKind {
  /** LLaMA (Touvron et al. 2023), and Vicuna, which is one. */
  LLAMA("llama", 32_000, 11_008, 0, 2048),

  /** Mistral (Jiang et al. 2023): as LLaMA, with a window that its attention looks back in. */
  MISTRAL("mistral", 32_000, 14_336, 8, 131_072),

  /** Qwen2 (Yang et al. 2024): as LLaMA, with biases of queries, keys and values. */
  QWEN2("qwen2", 151_936, 22_016, 32, 32_768);

  private static final int WINDOW = 4096;

  private final String modelType;
  private final int vocabulary;
  private final int feedForward;
  private final int keyValueHeads; // 0 for as many as heads
  private final int positions;

  LlamaKind(String modelType, int vocabulary, int feedForward, int keyValueHeads, int positions) {
    this.modelType = modelType;
    this.vocabulary = vocabulary;
    this.feedForward = feedForward;
    this.keyValueHeads = keyValueHeads;
    this.positions = positions;
  }

  String modelType() {
    return modelType;
  }

  int vocabulary() {
    return vocabulary;
  }

  int feedForward() {
    return feedForward;
  }

  int keyValueHeads(int heads) {
    return keyValueHeads == 0 ? heads : keyValueHeads;
  }

  boolean attentionBias() {
    return this == QWEN2;
  }

  /**
   * Most positions of a sequence: what the settings say, and no more than the window that attention
   * looks back in, within which it sees everything. Longer sequences would need a mask of it.
   */
  int positions(Json json) {
    int most = json.positive("max_position_embeddings", positions);
    boolean looksBack = this == MISTRAL || this == QWEN2 && json.flag("use_sliding_window", false);
    boolean absent = json.keys().contains("sliding_window") && !json.has("sliding_window");
    return looksBack && !absent ? Math.min(most, json.positive("sliding_window", WINDOW)) : most;
  }

  /** Where nothing is said Qwen2 has no token that starts a text. */
  boolean starts() {
    return this != QWEN2;
  }
}
