/**
 * Fine-tuning on pairs of images and texts: of the Q-Former, or of the language model by changes of
 * low rank (LoRA). What is trained runs on DJL/PyTorch; what comes of it is a checkpoint in the
 * Hub's layout or a PEFT adapter, which every backend loads, and Transformers too.
 */
@NullMarked
package io.github.blip2j.train;

import org.jspecify.annotations.NullMarked;
