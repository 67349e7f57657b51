/** What matching images and texts gives. */
@NullMarked
package io.github.blip2j.retrieval;

import org.jspecify.annotations.NullMarked;
