package io.github.blip2j.internal.family.llama;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.Rotary;
import java.util.ArrayList;
import java.util.List;

/**
 * Shape of a decoder with rotary positions, with the defaults of Transformers' {@code LlamaConfig},
 * {@code MistralConfig} and {@code Qwen2Config}.
 *
 * @param hiddenSize width d
 * @param feedForwardSize width of the gated feed-forward layer
 * @param layers number of blocks
 * @param heads attention heads of the queries; heads × head width need not be d
 * @param keyValueHeads heads of keys and values; divides {@code heads}
 * @param normEps epsilon of every norm
 * @param rotary angles of the positions, and the width of a head
 * @param attentionBias whether queries, keys and values have biases
 * @param tied whether the head is the token table where none is stored
 * @param vocabularySize rows V of the embedding table
 * @param maxPositions most positions of a sequence
 * @param endTokens ids that end a text
 * @param startToken id that starts a text without a prompt
 * @param padToken id that fills unequal rows
 */
record LlamaConfig(
    int hiddenSize,
    int feedForwardSize,
    int layers,
    int heads,
    int keyValueHeads,
    double normEps,
    Rotary rotary,
    boolean attentionBias,
    boolean tied,
    int vocabularySize,
    int maxPositions,
    List<Integer> endTokens,
    int startToken,
    int padToken)
    implements TextConfig {
  /** LLaMA's {@code <s>}, which no text of it ends with, and its {@code </s>}. */
  private static final int START = 1;

  private static final int END = 2;

  /** Checks that the heads divide evenly and that the ids lie in the vocabulary. */
  LlamaConfig {
    Rules.divides("text_config: num_key_value_heads", keyValueHeads, "num_attention_heads", heads);
    endTokens = Rules.tokens("text_config: eos_token_id", endTokens, vocabularySize);
    Rules.inVocabulary("text_config: bos_token_id", startToken, vocabularySize);
  }

  static LlamaConfig parse(LlamaKind kind, Json json, Json generation) {
    String where = json.where() + ": ";
    Rules.oneOf(where + "hidden_act", json.text("hidden_act", "silu"), "silu");
    if (kind == LlamaKind.LLAMA) {
      without(json, "attention_bias", "biases of attention are Qwen2's only");
    }
    without(json, "mlp_bias", "no feed-forward layer has biases");
    int hidden = json.positive("hidden_size", 4096);
    int heads = json.positive("num_attention_heads", 32);
    if (!json.has("head_dim")) {
      Rules.divides(where + "num_attention_heads", heads, "hidden_size", hidden);
    }
    int vocabulary = json.positive("vocab_size", kind.vocabulary());
    List<Integer> ends = ends(kind, json.ids("eos_token_id", generation, END));
    int start =
        json.has("bos_token_id") || kind.starts() ? json.id("bos_token_id", START) : ends.get(0);
    return new LlamaConfig(
        hidden,
        json.positive("intermediate_size", kind.feedForward()),
        json.positive("num_hidden_layers", 32),
        heads,
        json.positive("num_key_value_heads", kind.keyValueHeads(heads)),
        json.epsilon("rms_norm_eps", 1e-6),
        RotarySettings.parse(json, json.positive("head_dim", hidden / heads)),
        kind.attentionBias(),
        json.flag("tie_word_embeddings", false),
        vocabulary,
        kind.positions(json),
        ends,
        start,
        pad(json, vocabulary, start));
  }

  private static void without(Json json, String flag, String why) {
    Rules.mustBe(json.where() + ": " + flag, false, json.flag(flag, false), why);
  }

  /**
   * The settings of the published Vicuna name LLaMA's {@code <s>} as the end, while the model
   * writes {@code </s>}: either ends a text then, as in LAVIS, and the latter is the first.
   */
  private static List<Integer> ends(LlamaKind kind, List<Integer> stated) {
    if (kind != LlamaKind.LLAMA || !stated.contains(START)) {
      return stated;
    }
    List<Integer> ends = new ArrayList<>(List.of(END));
    stated.stream().filter(id -> id != END).forEach(ends::add);
    return ends;
  }

  /** What fills rows is never seen; the published Vicuna says −1, others nothing. */
  private static int pad(Json json, int vocabulary, int start) {
    double stated = json.isNumber("pad_token_id") ? json.number("pad_token_id", start) : start;
    return stated >= 0 && stated < vocabulary ? (int) stated : start;
  }

  /** Width of the queries of all heads together. */
  int attentionWidth() {
    return heads * rotary.headWidth();
  }

  /** Width of the keys of all heads together. */
  int keyWidth() {
    return keyValueHeads * rotary.headWidth();
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(layers, keyValueHeads, rotary.headWidth());
  }

  @Override
  public List<String> tokenTable() {
    String table = LlamaDecoder.MODEL + "." + LlamaDecoder.TOKENS;
    return tied ? List.of(table, LlamaDecoder.HEAD) : List.of(table);
  }

  @Override
  public List<Stack> stacks() {
    return List.of(new Stack("model.layers.", "text_config: num_hidden_layers", layers));
  }

  @Override
  public LanguageProgram program(Weights weights) {
    return new DecoderProgram(
        this, LlamaDecoder.of(this, weights), DecoderProgram.Places.POSITION_IDS);
  }
}
