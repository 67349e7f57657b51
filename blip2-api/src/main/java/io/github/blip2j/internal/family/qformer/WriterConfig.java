package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.Rules;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.decoder.DecoderProgram;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/**
 * Shape of a Q-Former that writes itself, as after BLIP-2's first stage: a decoder alone, whose
 * image features are the keys and values of the queries.
 *
 * @param qformer its blocks
 * @param texts vocabulary, and most tokens of a text
 * @param startToken {@code [DEC]}, the last of the vocabulary
 * @param endToken {@code [SEP]}
 * @param padToken {@code [PAD]}
 */
public record WriterConfig(
    QFormerConfig qformer, TextBounds texts, int startToken, int endToken, int padToken)
    implements TextConfig {

  /** Checks that the ids lie in the vocabulary. */
  public WriterConfig {
    Rules.inVocabulary("tokenizer.json: [SEP]", endToken, texts.vocabularySize());
    Rules.inVocabulary("tokenizer.json: [PAD]", padToken, texts.vocabularySize());
  }

  /**
   * Reads the settings.
   *
   * @param json {@code qformer_config}
   * @param words ids by token, {@code model.vocab} of {@code tokenizer.json}
   */
  public static WriterConfig parse(Json json, QFormerConfig qformer, Json words) {
    int vocabulary = json.positive("vocab_size", 30523);
    return new WriterConfig(
        qformer,
        new TextBounds(vocabulary, json.positive("max_position_embeddings", 512)),
        vocabulary - 1, // LAVIS puts [DEC] behind BERT's tokens
        words.id("[SEP]", 102),
        words.id("[PAD]", 0));
  }

  @Override
  public int vocabularySize() {
    return texts.vocabularySize();
  }

  /** Keys and values of each block. */
  @Override
  public int hiddenSize() {
    return 2 * qformer.layers() * qformer.hiddenSize();
  }

  @Override
  public int maxPositions() {
    return qformer.queries() + texts.maxPositions();
  }

  @Override
  public List<Integer> endTokens() {
    return List.of(endToken);
  }

  @Override
  public CacheLayout cache() {
    return new CacheLayout(
        qformer.layers(), qformer.heads(), qformer.hiddenSize() / qformer.heads());
  }

  @Override
  public int heads() {
    return qformer.heads();
  }

  @Override
  public boolean plainPrompts() {
    return true;
  }

  /** Within the language model, which there is none beside the Q-Former: no such tensor. */
  @Override
  public List<String> tokenTable() {
    return List.of("embeddings.word_embeddings.weight");
  }

  @Override
  public List<Stack> stacks() {
    return List.of();
  }

  /**
   * The decoder.
   *
   * @param weights of the whole checkpoint
   */
  @Override
  public LanguageProgram program(Weights weights) {
    return new DecoderProgram(
        this,
        QFormerWriter.of(this, weights),
        new TextPlaces(qformer.queries(), texts.maxPositions()));
  }
}
