/** BLIP-2 as models of Spring AI: chat about images, and vectors of texts and images. */
@NullMarked
package io.github.blip2j.spring.ai;

import org.jspecify.annotations.NullMarked;
