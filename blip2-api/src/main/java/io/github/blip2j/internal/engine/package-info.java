/**
 * What the tasks of the facade run on: an engine with one head, which writes or matches.
 *
 * <p>{@code Engine} has the life cycle, {@code WritingHead} and {@code MatchingHead} the entry
 * points; {@code TextStarts} starts a text, {@code Pipeline} takes requests to texts, {@code
 * ImageEncoder} images to features, {@code Conversation} is what a chat stands for.
 */
@NullMarked
package io.github.blip2j.internal.engine;

import org.jspecify.annotations.NullMarked;
