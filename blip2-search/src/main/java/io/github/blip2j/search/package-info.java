/**
 * Retrieval with BLIP-2's image-text contrast: an index of pictures and texts whose storage,
 * commits, vectors and nearest-neighbour search are Apache Lucene's.
 *
 * <p>A picture is one document with its Q query vectors as children, so that Lucene's diversifying
 * children query is the largest cosine over the queries, which is how BLIP-2 compares a picture
 * with a text (Li et al. 2023, §3.2).
 */
@NullMarked
package io.github.blip2j.search;

import org.jspecify.annotations.NullMarked;
