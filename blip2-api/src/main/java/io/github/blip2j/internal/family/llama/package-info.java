/**
 * Decoders with rotary positions: LLaMA, Vicuna, Mistral and Qwen2. One network; what differs is in
 * {@link io.github.blip2j.internal.family.llama.LlamaKind}.
 */
@NullMarked
package io.github.blip2j.internal.family.llama;

import org.jspecify.annotations.NullMarked;
