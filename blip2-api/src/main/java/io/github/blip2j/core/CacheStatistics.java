package io.github.blip2j.core;

/**
 * What a cache has done so far.
 *
 * @param hits look-ups that found something
 * @param misses look-ups that did not
 * @param evictions entries that were dropped for newer ones
 * @param entries that it holds now
 * @param bytes that they take
 */
public record CacheStatistics(long hits, long misses, long evictions, int entries, long bytes) {}
