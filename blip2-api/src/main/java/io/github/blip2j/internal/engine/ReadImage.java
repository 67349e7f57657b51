package io.github.blip2j.internal.engine;

import io.github.blip2j.image.EncodedImage;

/**
 * What a language model is given of an image.
 *
 * @param image that was read
 * @param features (Q,d) of it; of several images one behind the other
 * @param instructed whether the Q-Former read it together with an instruction, so that these are
 *     features for one prompt only
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, not compared
record ReadImage(EncodedImage image, float[] features, boolean instructed) {}
