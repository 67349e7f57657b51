package io.github.blip2j.djl;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import io.github.blip2j.internal.nn.VisionTransformer;
import org.jspecify.annotations.Nullable;

/**
 * The model texts of a checkpoint, their weights' names and shapes checked. Of the last four those
 * are there that the checkpoint's kind has.
 */
record ModelTexts(
    VisionTransformer vision,
    QFormerNetwork qformer,
    @Nullable OptDecoder opt,
    @Nullable T5Encoder encoder,
    @Nullable T5Decoder decoder,
    @Nullable RetrievalNetwork retrieval) {

  static ModelTexts of(Checkpoint checkpoint) {
    ModelConfig config = checkpoint.config();
    var weights = checkpoint.weights();
    QFormerNetwork qformer = QFormerNetwork.of(config, weights);
    boolean t5 = config.head() instanceof T5Config;
    return new ModelTexts(
        VisionTransformer.of(config.vision(), weights),
        qformer,
        config.head() instanceof OptConfig opt ? OptDecoder.of(opt, weights) : null,
        t5 ? T5Encoder.of((T5Config) config.head(), weights) : null,
        t5 ? T5Decoder.of((T5Config) config.head(), weights) : null,
        t5 || config.head() instanceof OptConfig
            ? null
            : RetrievalNetwork.of(config, qformer, weights));
  }
}
