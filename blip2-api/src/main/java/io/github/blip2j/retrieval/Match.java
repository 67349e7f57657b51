package io.github.blip2j.retrieval;

/**
 * How well an image and a text belong together (Li et al. 2023, §3.2).
 *
 * @param itmProbability image-text matching: the probability, 0 to 1, that the text describes the
 *     image, from reading both together
 * @param itcSimilarity image-text contrast: the largest cosine, −1 to 1, of the text's vector and
 *     any of the image's queries
 */
public record Match(double itmProbability, double itcSimilarity) {}
