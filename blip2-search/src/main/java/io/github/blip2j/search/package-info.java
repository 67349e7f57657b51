/**
 * Retrieval with BLIP-2's image-text contrast: an index of images and texts whose storage, commits,
 * vectors and nearest-neighbour search are Apache Lucene's.
 *
 * <p>An image is one document with its Q query vectors as children, so that Lucene's diversifying
 * children query is the largest cosine over the queries, which is how BLIP-2 compares an image with
 * a text (Li et al. 2023, §3.2).
 */
@NullMarked
package io.github.blip2j.search;

import org.jspecify.annotations.NullMarked;
