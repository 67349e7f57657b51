package io.github.blip2j.internal.family.bloom;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/**
 * Shape of a BLOOM decoder, with the defaults of Transformers' {@code BloomConfig}.
 *
 * @param hiddenSize width d
 * @param layers number of blocks
 * @param heads attention heads; divides {@code hiddenSize}
 * @param layerNormEps epsilon of every norm
 * @param vocabularySize rows V of the embedding table
 * @param maxPositions most positions of a sequence that it was trained with
 * @param endTokens ids that end a text
 * @param startToken id that starts a text without a prompt
 * @param padToken id that fills unequal rows
 */
record BloomConfig(
    int hiddenSize,
    int layers,
    int heads,
    double layerNormEps,
    int vocabularySize,
    int maxPositions,
    List<Integer> endTokens,
    int startToken,
    int padToken)
    implements TextConfig {

  /** Checks that the heads divide the width and that the ids lie in the vocabulary. */
  BloomConfig {
    Rules.divides("text_config: n_head", heads, "hidden_size", hiddenSize);
    endTokens = Rules.tokens("text_config: eos_token_id", endTokens, vocabularySize);
    Rules.inVocabulary("text_config: bos_token_id", startToken, vocabularySize);
    Rules.inVocabulary("text_config: pad_token_id", padToken, vocabularySize);
  }

  static BloomConfig parse(Json json, Json generation) {
    Rules.mustBe(
        json.where() + ": apply_residual_connection_post_layernorm",
        false,
        json.flag("apply_residual_connection_post_layernorm", false),
        "the residual is what comes before the norm");
    return new BloomConfig(
        json.positive(json.has("n_embed") ? "n_embed" : "hidden_size", 64),
        json.positive(json.has("num_hidden_layers") ? "num_hidden_layers" : "n_layer", 2),
        json.positive(json.has("num_attention_heads") ? "num_attention_heads" : "n_head", 8),
        json.epsilon("layer_norm_epsilon", 1e-5),
        json.positive("vocab_size", 250_880),
        json.positive("seq_length", 2048),
        json.ids("eos_token_id", generation, 2),
        json.id("bos_token_id", 1),
        json.id("pad_token_id", 3));
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(layers, heads, hiddenSize / heads);
  }

  /** The head is always tied to the table, so either may be stored for both. */
  @Override
  public List<String> tokenTable() {
    return List.of("transformer.word_embeddings.weight", "lm_head.weight");
  }

  @Override
  public List<Stack> stacks() {
    return List.of(new Stack("transformer.h.", "text_config: n_layer", layers));
  }

  @Override
  public LanguageProgram program(Weights weights) {
    return new DecoderProgram(this, BloomDecoder.of(this, weights), new KeyDistances());
  }
}
