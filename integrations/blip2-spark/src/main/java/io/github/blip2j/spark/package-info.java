/**
 * BLIP-2 over a column of images, on Apache Spark: a {@code Transformer} and SQL functions. A model
 * is loaded once in each executor and shared by its tasks.
 */
@NullMarked
package io.github.blip2j.spark;

import org.jspecify.annotations.NullMarked;
