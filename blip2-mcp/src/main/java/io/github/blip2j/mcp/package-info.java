/**
 * A model as tools of the Model Context Protocol: an assistant's program starts this process and
 * asks it over standard input and output what images show.
 */
@NullMarked
package io.github.blip2j.mcp;

import org.jspecify.annotations.NullMarked;
