/** Text to token ids and back, by the checkpoint's own tokenizer. */
@NullMarked
package io.github.blip2j.internal.text;

import org.jspecify.annotations.NullMarked;
