package io.github.blip2j.djl;

/**
 * Which kernel computes the linear layers of a stage.
 *
 * @param vision of the vision encoder: hundreds of rows
 * @param qformer of the Q-Former and the heads that match
 * @param language of the language model: one row a token
 */
record Lowering(LinearKernel vision, LinearKernel qformer, LinearKernel language) {}
