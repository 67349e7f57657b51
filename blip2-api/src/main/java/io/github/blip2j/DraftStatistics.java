package io.github.blip2j;

/**
 * What a draft's guesses were worth so far.
 *
 * @param guessed tokens that were guessed and have been compared with the model's
 * @param accepted of these, how many became text: each is a pass over the weights saved
 */
public record DraftStatistics(long guessed, long accepted) {}
