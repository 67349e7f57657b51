/** For frameworks that configure builders: the first factory found makes them. */
@NullMarked
package io.github.blip2j.langchain4j.spi;

import org.jspecify.annotations.NullMarked;
