package io.github.blip2j.search;

import java.util.Map;

/**
 * An image as an index holds it.
 *
 * @param id under which it was added
 * @param vectors (Q, P) of length 1, as they were added; the reader's own
 * @param fields as they were added; unmodifiable
 */
public record IndexedImage(String id, float[][] vectors, Map<String, String> fields) {}
