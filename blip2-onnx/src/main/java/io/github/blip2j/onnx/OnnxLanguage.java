package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.checkpoint.Weights;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.RelativeBuckets;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The graphs of a language model: of OPT one step, of T5 an encoder and a decoder's step. */
final class OnnxLanguage implements LanguageModel, AutoCloseable {
  private final TextConfig config;
  private final OnnxStage step;
  private final @Nullable OnnxStage encoder;
  private final SessionCount sessions = new SessionCount();

  private OnnxLanguage(TextConfig config, OnnxStage step, @Nullable OnnxStage encoder) {
    this.config = config;
    this.step = step;
    this.encoder = encoder;
  }

  /** Compiles; the weights' names and shapes are checked by it, and nothing is opened. */
  static Source source(TextConfig config, Weights weights) {
    if (config instanceof T5Config t5) {
      T5Encoder reader = T5Encoder.of(t5, weights);
      T5Decoder writer = T5Decoder.of(t5, weights);
      return open -> {
        OnnxStage encoder =
            open.stage("encoder", places -> Seq2SeqGraphs.encoder(t5, reader, places));
        try {
          OnnxStage decoder =
              open.stage("decoder", places -> Seq2SeqGraphs.decoder(t5, writer, places));
          return new OnnxLanguage(t5, decoder, encoder);
        } catch (RuntimeException | Error e) {
          encoder.close();
          throw e;
        }
      };
    }
    OptConfig opt = (OptConfig) config;
    OptDecoder decoder = OptDecoder.of(opt, weights);
    return open ->
        new OnnxLanguage(
            opt,
            open.stage("language model", places -> LanguageGraph.compile(opt, decoder, places)),
            null);
  }

  /** A language model that has not been opened. */
  interface Source {
    OnnxLanguage open(StageOpener opener);
  }

  /** Opens a graph with the model's settings. */
  interface StageOpener {
    OnnxStage stage(String name, WeightPlaces.Compiler compiler);
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return new OnnxLanguageSession(this, rows, capacity);
  }

  TextConfig config() {
    return config;
  }

  OnnxStage step() {
    return step;
  }

  SessionCount sessions() {
    return sessions;
  }

  /** Runs the encoder over picture and prompt. The caller closes what it read. */
  EncoderMemory read(T5Config t5, float[] features, Lengths.Step what) {
    EncoderMemory memory = new EncoderMemory(t5, what);
    int prompts = memory.prompts();
    int span = what.span();
    long[] buckets = new RelativeBuckets(t5).encoder(what.ends(), span);
    try (FloatTensor prefix = new FloatTensor(features, prompts, what.features(), t5.hiddenSize());
        IntegerTensors integers = new IntegerTensors()) {
      Map<String, OnnxTensor> inputs = new HashMap<>();
      inputs.put(LanguageGraph.FEATURES, prefix.tensor());
      inputs.put(LanguageGraph.IDS, integers.longs(what.ids(), prompts, what.width()));
      inputs.put(Seq2SeqGraphs.BUCKETS, integers.longs(buckets, prompts, span, span));
      Objects.requireNonNull(encoder, "encoder").run(inputs, memory.named());
      return memory;
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public void close() {
    sessions.close();
    step.close();
    if (encoder != null) {
      encoder.close();
    }
  }
}
