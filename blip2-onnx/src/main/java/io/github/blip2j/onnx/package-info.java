/**
 * BLIP-2 on ONNX Runtime: the model text becomes three graphs, written as bytes here; the weights
 * stay in the checkpoint's own files, which the runtime maps.
 */
@NullMarked
package io.github.blip2j.onnx;

import org.jspecify.annotations.NullMarked;
