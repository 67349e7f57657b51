package io.github.blip2j.internal.family.t5;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Shape of a T5 encoder and decoder, with the defaults of Transformers' {@code T5Config}.
 *
 * @param hiddenSize width d ({@code d_model})
 * @param headWidth width of a head ({@code d_kv}); heads × it need not be d
 * @param feedForwardSize width of the feed-forward layer ({@code d_ff})
 * @param encoderLayers blocks of the encoder
 * @param layers blocks of the decoder
 * @param heads attention heads
 * @param buckets relative positions that are told apart ({@code relative_attention_num_buckets})
 * @param maxDistance distance from which on all positions are alike
 * @param layerNormEps epsilon of every norm
 * @param activation {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param gated whether the feed-forward layer has a gate ({@code wi_0}, {@code wi_1})
 * @param scaledOutputs whether the decoder's vectors are scaled by d^-0.5 in front of the head
 * @param tied whether the head is the token table where none is stored
 * @param vocabularySize rows V of the embedding table
 * @param endTokens ids that end a text
 * @param startToken id that the encoder reads where there is no prompt ({@code bos_token_id})
 * @param padToken id that fills unequal rows
 * @param decoderStartToken id that the decoder starts from
 */
record T5Config(
    int hiddenSize,
    int headWidth,
    int feedForwardSize,
    int encoderLayers,
    int layers,
    int heads,
    int buckets,
    int maxDistance,
    double layerNormEps,
    String activation,
    boolean gated,
    boolean scaledOutputs,
    boolean tied,
    int vocabularySize,
    List<Integer> endTokens,
    int startToken,
    int padToken,
    int decoderStartToken)
    implements TextConfig {
  /** Most tokens of image and prompt, and of a text; eight times what T5 was trained with. */
  static final int MOST_POSITIONS = 4096;

  private static final String GATED = "gated-";

  /** Checks the activation, the buckets and that the ids lie in the vocabulary. */
  T5Config {
    Rules.oneOf("text_config: dense_act_fn", activation, "gelu", "gelu_new", "relu");
    endTokens = Rules.tokens("text_config: eos_token_id", endTokens, vocabularySize);
    Rules.inVocabulary("text_config: bos_token_id", startToken, vocabularySize);
    Rules.inVocabulary("text_config: pad_token_id", padToken, vocabularySize);
    Rules.inVocabulary("text_config: decoder_start_token_id", decoderStartToken, vocabularySize);
    if (buckets < 4 || buckets % 4 != 0 || maxDistance <= buckets / 2) {
      throw new CheckpointException(
          "text_config: relative_attention_num_buckets: expected a multiple of 4 below twice"
              + String.format(
                  Locale.ROOT,
                  " relative_attention_max_distance, found %d and %d",
                  buckets,
                  maxDistance));
    }
  }

  static T5Config parse(T5Kind kind, Json json, Json generation) {
    int layers = json.positive("num_layers", kind.layers());
    String projection = json.text("feed_forward_proj", kind.feedForward());
    boolean gated = projection.startsWith(GATED);
    String suffix = gated ? projection.substring(GATED.length()) : projection;
    // Transformers makes "gated-gelu" the tanh form, and lets dense_act_fn overrule it: the
    // published BLIP-2 checkpoints say "gelu" there, unlike Flan-T5 itself.
    String derived = projection.equals("gated-gelu") ? "gelu_new" : suffix;
    boolean tied = kind == T5Kind.T5 && json.flag("tie_word_embeddings", true);
    return new T5Config(
        json.positive("d_model", 512),
        json.positive("d_kv", 64),
        json.positive("d_ff", kind.feedForwardSize()),
        layers,
        json.positive("num_decoder_layers", layers),
        json.positive("num_heads", kind.heads()),
        json.positive("relative_attention_num_buckets", 32),
        json.positive("relative_attention_max_distance", 128),
        json.epsilon("layer_norm_epsilon", 1e-6),
        json.text("dense_act_fn", derived),
        gated,
        kind == T5Kind.T5 && json.flag("scale_decoder_outputs", tied),
        tied,
        json.positive("vocab_size", kind.vocabulary()),
        json.ids("eos_token_id", generation, 1),
        json.id("bos_token_id", 1),
        json.id("pad_token_id", 0),
        json.has("decoder_start_token_id")
            ? json.id("decoder_start_token_id", 0)
            : generation.id("decoder_start_token_id", 0));
  }

  @Override
  public boolean encoderDecoder() {
    return true;
  }

  /**
   * Positions are relative, so the architecture has no most of them. This is a bound on what one
   * text or prompt may ask of the memory, since a bias is kept for each pair of positions.
   *
   * @return {@link #MOST_POSITIONS}
   */
  @Override
  public int maxPositions() {
    return MOST_POSITIONS;
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(layers, heads, headWidth);
  }

  /** Three names of one table; a tied head is a fourth. */
  @Override
  public List<String> tokenTable() {
    List<String> names = new ArrayList<>(T5Layers.TOKEN_TABLES);
    if (tied) {
      names.add("lm_head.weight");
    }
    return names;
  }

  @Override
  public List<Stack> stacks() {
    return List.of(
        new Stack("encoder.block.", "text_config: num_layers", encoderLayers),
        new Stack("decoder.block.", "text_config: num_decoder_layers", layers));
  }

  @Override
  public LanguageProgram program(Weights weights) {
    return new T5Program(this, T5Encoder.of(this, weights), T5Decoder.of(this, weights));
  }
}
