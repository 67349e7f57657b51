/**
 * BLIP-2 on PyTorch through DJL: the model text becomes one TorchScript module, written as text
 * here, to which the weights are handed once from the checkpoint's own files.
 */
@NullMarked
package io.github.blip2j.djl;

import org.jspecify.annotations.NullMarked;
