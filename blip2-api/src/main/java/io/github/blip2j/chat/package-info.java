/** Conversations: their templates, turns and limits. */
@NullMarked
package io.github.blip2j.chat;

import org.jspecify.annotations.NullMarked;
