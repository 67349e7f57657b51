package io.github.blip2j.internal.family.t5;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Ops;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What T5's encoder and decoder have in common (Raffel et al. 2020). No linear layer has a bias.
 */
final class T5Layers {
  /** Names of the embedding table: one tensor, stored under one of them. */
  static final List<String> TOKEN_TABLES =
      List.of("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");

  private T5Layers() {}

  /** T5 does not divide its scores by √d; its initial weights make up for it. */
  static Heads heads(T5Config c) {
    return Heads.of(c.heads(), 1);
  }

  /** The embedding table, under the first of its names that is stored. */
  static WeightTensor tokens(T5Config c, Weights language) {
    String name =
        TOKEN_TABLES.stream().filter(language::has).findFirst().orElse(TOKEN_TABLES.get(0));
    return language.tensor(name, c.vocabularySize(), c.hiddenSize());
  }

  /** The table of position biases, stored in the first block and shared by all of its stack. */
  static WeightTensor positionBias(T5Config c, Weights stack) {
    return stack.tensor(
        "block.0.layer.0.SelfAttention.relative_attention_bias.weight", c.buckets(), c.heads());
  }

  /** Projections of an attention layer; heads × head width need not be the model's width. */
  record Projections(Linear query, Linear key, Linear value, Linear out) {
    static Projections of(T5Config c, Weights w) {
      int d = c.hiddenSize();
      int inner = c.heads() * c.headWidth();
      return new Projections(
          Linear.withoutBias(w.at("q"), d, inner),
          Linear.withoutBias(w.at("k"), d, inner),
          Linear.withoutBias(w.at("v"), d, inner),
          Linear.withoutBias(w.at("o"), inner, d));
    }
  }

  /**
   * Feed-forward layer, with a gate (Shazeer 2020) or without. What it ends with overflows 16 bits
   * (Transformers, {@code T5PreTrainedModel._keep_in_fp32_modules}).
   */
  record FeedForward(String activation, Linear up, @Nullable Linear gated, Linear down) {
    static FeedForward of(T5Config c, Weights w) {
      int d = c.hiddenSize();
      int inner = c.feedForwardSize();
      return new FeedForward(
          c.activation(),
          Linear.withoutBias(w.at(c.gated() ? "wi_0" : "wi"), d, inner),
          c.gated() ? Linear.withoutBias(w.at("wi_1"), d, inner) : null,
          Linear.withoutBias(w.at("wo"), inner, d).keptInFloat32());
    }

    <T> T forward(Ops<T> ops, T x) { // (B,T,d)
      T inner = activate(ops, up.forward(ops, x)); // (B,T,ffn)
      if (gated != null) {
        inner = ops.multiply(inner, gated.forward(ops, x)); // (B,T,ffn)
      }
      return down.forward(ops, inner); // (B,T,d)
    }

    private <T> T activate(Ops<T> ops, T x) {
      return switch (activation) {
        case "gelu" -> ops.gelu(x);
        case "gelu_new" -> ops.geluTanh(x);
        default -> ops.relu(x);
      };
    }
  }
}
