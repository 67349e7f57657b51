package io.github.blip2j.retrieval;

/**
 * A label of a classification.
 *
 * @param label as it was given
 * @param probability 0 to 1; those of all labels sum to 1
 * @param score what the probabilities are the softmax of
 */
public record ScoredLabel(String label, double probability, double score) {}
