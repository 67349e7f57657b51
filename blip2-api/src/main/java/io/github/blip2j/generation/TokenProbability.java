package io.github.blip2j.generation;

/**
 * A token and how likely the model found it.
 *
 * @param token its id
 * @param logProbability natural logarithm of its probability, at most 0, before any processor
 */
public record TokenProbability(int token, double logProbability) {}
