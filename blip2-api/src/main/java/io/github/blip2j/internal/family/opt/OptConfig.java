package io.github.blip2j.internal.family.opt;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/**
 * Shape of an OPT decoder, with the defaults of Transformers' {@code OPTConfig}.
 *
 * @param hiddenSize width d
 * @param feedForwardSize width of the feed-forward layer
 * @param layers number of blocks
 * @param heads attention heads; divides {@code hiddenSize}
 * @param vocabularySize rows V of the embedding table
 * @param maxPositions most positions of a sequence; the table has two more rows
 * @param activation {@code relu} or {@code gelu}
 * @param endTokens ids that end a text; for published BLIP-2 checkpoints the newline
 * @param startToken id in front of every text
 * @param padToken id that fills unequal rows
 */
record OptConfig(
    int hiddenSize,
    int feedForwardSize,
    int layers,
    int heads,
    int vocabularySize,
    int maxPositions,
    String activation,
    List<Integer> endTokens,
    int startToken,
    int padToken)
    implements TextConfig {

  /** Checks that the heads divide the width and that the ids lie in the vocabulary. */
  OptConfig {
    Rules.divides("text_config: num_attention_heads", heads, "hidden_size", hiddenSize);
    Rules.oneOf("text_config: activation_function", activation, "relu", "gelu");
    endTokens = Rules.tokens("text_config: eos_token_id", endTokens, vocabularySize);
    Rules.inVocabulary("text_config: bos_token_id", startToken, vocabularySize);
    Rules.inVocabulary("text_config: pad_token_id", padToken, vocabularySize);
  }

  /**
   * Rows of the position table in front of position 0 (Transformers' {@code
   * OPTLearnedPositionalEmbedding}).
   */
  static final int POSITION_OFFSET = 2;

  static OptConfig parse(Json json, Json generation) {
    int hidden = json.positive("hidden_size", 768);
    String where = json.where() + ": ";
    Rules.mustBe(
        where + "do_layer_norm_before",
        true,
        json.flag("do_layer_norm_before", true),
        "post-norm OPT (350m) is not supported");
    Rules.mustBe(
        where + "enable_bias", true, json.flag("enable_bias", true), "every OPT layer has biases");
    Rules.mustBe(
        where + "layer_norm_elementwise_affine",
        true,
        json.flag("layer_norm_elementwise_affine", true),
        "every OPT norm has weights");
    Rules.mustBe(
        where + "_remove_final_layer_norm",
        false,
        json.flag("_remove_final_layer_norm", false),
        "the final norm is needed");
    Rules.equal(
        where + "word_embed_proj_dim",
        hidden,
        json.positive("word_embed_proj_dim", hidden),
        "projected embeddings (OPT 350m) are not supported");
    return new OptConfig(
        hidden,
        json.positive("ffn_dim", 3072),
        json.positive("num_hidden_layers", 12),
        json.positive("num_attention_heads", 12),
        json.positive("vocab_size", 50272),
        json.positive("max_position_embeddings", 2048),
        json.text("activation_function", "relu"),
        json.ids("eos_token_id", generation, 2),
        json.id("bos_token_id", 2),
        json.id("pad_token_id", 1));
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(layers, heads, hiddenSize / heads);
  }

  /** The head is always tied to the table, so either may be stored for both. */
  @Override
  public List<String> tokenTable() {
    return List.of("model.decoder.embed_tokens.weight", "lm_head.weight");
  }

  @Override
  public List<Stack> stacks() {
    return List.of(new Stack("model.decoder.layers.", "text_config: num_hidden_layers", layers));
  }

  @Override
  public LanguageProgram program(Weights weights) {
    return new DecoderProgram(
        this, OptDecoder.of(this, weights), DecoderProgram.Places.POSITION_IDS);
  }
}
