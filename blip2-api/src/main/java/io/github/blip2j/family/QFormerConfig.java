package io.github.blip2j.family;

import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;

/**
 * Shape of the Q-Former, with the defaults of Transformers' {@code Blip2QFormerConfig}.
 *
 * @param hiddenSize width D of a query vector
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of blocks
 * @param heads attention heads; divides {@code hiddenSize}
 * @param layerNormEps epsilon of every layer norm
 * @param crossAttentionFrequency blocks whose index is a multiple of it attend to the picture
 * @param queries number Q of query vectors
 * @param textInput whether it reads text too and has feed-forward layers of its own for it
 */
public record QFormerConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    double layerNormEps,
    int crossAttentionFrequency,
    int queries,
    boolean textInput) {

  /** Checks that the heads divide the width. */
  public QFormerConfig {
    Rules.divides("qformer_config: num_attention_heads", heads, "hidden_size", hiddenSize);
  }

  /**
   * Reads the settings.
   *
   * @param json {@code qformer_config}
   * @param queries number Q of query vectors
   * @param retrieval whether texts are read too, whatever the settings say
   * @return the settings
   */
  public static QFormerConfig parse(Json json, int queries, boolean retrieval) {
    Rules.oneOf(json.where() + ": hidden_act", json.text("hidden_act", "gelu"), "gelu");
    Rules.oneOf(
        json.where() + ": position_embedding_type",
        json.text("position_embedding_type", "absolute"),
        "absolute");
    return new QFormerConfig(
        json.positive("hidden_size", 768),
        json.positive("intermediate_size", 3072),
        json.positive("num_hidden_layers", 12),
        json.positive("num_attention_heads", 12),
        json.epsilon("layer_norm_eps", 1e-12),
        json.positive("cross_attention_frequency", 2),
        queries,
        retrieval || json.flag("use_qformer_text_input", json.flag("qformer_text_input", false)));
  }
}
