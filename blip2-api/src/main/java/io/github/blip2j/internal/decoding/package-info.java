/**
 * Decoding policy, written once for every backend: which token comes next, and when a text is done.
 * A backend only answers with logits, appends tokens, and keeps rows.
 */
@NullMarked
package io.github.blip2j.internal.decoding;

import org.jspecify.annotations.NullMarked;
