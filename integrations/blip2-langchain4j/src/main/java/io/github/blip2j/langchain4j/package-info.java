/**
 * BLIP-2 as models of LangChain4j: chat, streaming chat, embeddings and scores. Every model borrows
 * a {@link io.github.blip2j.Blip2}, which whoever loaded it closes, and is safe for many threads.
 */
@NullMarked
package io.github.blip2j.langchain4j;

import org.jspecify.annotations.NullMarked;
