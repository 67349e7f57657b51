package io.github.blip2j.family;

import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Shape of the Q-Former, with the defaults of Transformers' {@code Blip2QFormerConfig}.
 *
 * @param hiddenSize width D of a query vector
 * @param intermediateSize width of the feed-forward layer
 * @param layers number of blocks
 * @param heads attention heads; divides {@code hiddenSize}
 * @param layerNormEps epsilon of every layer norm
 * @param crossAttentionFrequency blocks whose index is a multiple of it attend to the image
 * @param queries number Q of query vectors
 * @param textInput whether it reads text too and has feed-forward layers of its own for it
 * @param instruction what instructions it reads together with every image (Dai et al. 2023), or
 *     none if it reads images alone
 */
public record QFormerConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    double layerNormEps,
    int crossAttentionFrequency,
    int queries,
    boolean textInput,
    @Nullable TextBounds instruction) {

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
        retrieval || json.flag("use_qformer_text_input", json.flag("qformer_text_input", false)),
        null);
  }

  /**
   * Reads the settings of one that reads instructions: {@code InstructBlipQFormerConfig}, in which
   * texts are always on.
   *
   * @param json {@code qformer_config}
   * @param queries number Q of query vectors
   * @return the settings
   */
  public static QFormerConfig parseInstructed(Json json, int queries) {
    QFormerConfig c = parse(json, queries, true);
    return new QFormerConfig(
        c.hiddenSize,
        c.intermediateSize,
        c.layers,
        c.heads,
        c.layerNormEps,
        c.crossAttentionFrequency,
        queries,
        true,
        new TextBounds(
            json.positive("vocab_size", 30522), json.positive("max_position_embeddings", 512)));
  }

  /**
   * Its numbers. Identities of checkpoints are made of this text, so it says nothing of
   * instructions where none are read, as before there were any.
   *
   * @return such as {@code QFormerConfig[hiddenSize=768, …]}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "QFormerConfig[hiddenSize=%d, intermediateSize=%d, layers=%d, heads=%d, layerNormEps=%s,"
            + " crossAttentionFrequency=%d, queries=%d, textInput=%s%s]",
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        layerNormEps,
        crossAttentionFrequency,
        queries,
        textInput,
        instruction == null ? "" : ", instruction=" + instruction);
  }
}
