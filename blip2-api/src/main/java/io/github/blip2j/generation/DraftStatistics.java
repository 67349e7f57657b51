package io.github.blip2j.generation;

/**
 * What a draft's guesses were worth so far.
 *
 * @param guessed tokens that the draft wrote
 * @param accepted of these, how many became text: each is a pass over the weights saved
 */
public record DraftStatistics(long guessed, long accepted) {}
