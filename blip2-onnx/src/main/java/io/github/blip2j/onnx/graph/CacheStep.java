package io.github.blip2j.onnx.graph;

import org.jspecify.annotations.Nullable;

/**
 * What attention to a cache is given beside its queries.
 *
 * @param own keys and values of the step's vectors, (B,T,K·d)
 * @param past keys and values of the cache, (B,K,C,d), whose K heads several queries may share
 * @param lastKey index of each row's last key, (B) int32
 * @param total keys of the longest row, () int32
 * @param heads of the queries, H
 * @param scale of the scores
 * @param bias added to the scores, (B,H,T,S), or none
 */
public record CacheStep(
    Tensor.KeysValues own,
    Tensor.KeysValues past,
    Tensor lastKey,
    Tensor total,
    int heads,
    double scale,
    @Nullable Tensor bias) {}
