package io.github.blip2j.family;

/**
 * What texts a Q-Former can read, whose own tokenizer and embeddings they go through.
 *
 * @param vocabularySize rows of the word embeddings
 * @param maxPositions most tokens of a text
 */
public record TextBounds(int vocabularySize, int maxPositions) {}
