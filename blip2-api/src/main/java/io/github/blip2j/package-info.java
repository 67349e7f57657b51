/**
 * BLIP-2 in the JVM: captions, prompted captions and answers about images. Start at {@link
 * io.github.blip2j.Blip2}.
 *
 * <p>This is the facade, and nothing stands on it. The rooms below, each of which knows only those
 * further down:
 *
 * <ul>
 *   <li>{@link io.github.blip2j.chat}: templates, turns and limits of conversations
 *   <li>{@link io.github.blip2j.retrieval}: what matching images and texts gives
 *   <li>{@link io.github.blip2j.generation}: how text is generated, and what comes of it
 *   <li>{@link io.github.blip2j.image}: where images come from, and what a model has made of them
 *   <li>{@link io.github.blip2j.spi}: what a backend implements (experimental)
 *   <li>{@link io.github.blip2j.checkpoint}: a checkpoint folder and its settings (experimental)
 *   <li>{@link io.github.blip2j.core}: devices, precisions, listeners and exceptions
 * </ul>
 */
@NullMarked
package io.github.blip2j;

import org.jspecify.annotations.NullMarked;
