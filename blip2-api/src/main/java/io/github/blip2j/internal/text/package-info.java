/**
 * The tokenizer: the library that does the work, its vocabulary, and what a {@code tokenizer.json}
 * must be before native code is given it. The library ends the process on some damaged files
 * instead of reporting them, so each section is checked here, and native code is given a copy that
 * consists of nothing but what was checked. The rules are those of the library's version 0.21, file
 * by file.
 */
@NullMarked
package io.github.blip2j.internal.text;

import org.jspecify.annotations.NullMarked;
