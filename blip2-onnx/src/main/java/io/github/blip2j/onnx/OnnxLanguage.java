package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
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
  private static final int MOST_AHEAD = 64;

  private final TextConfig config;
  private final OnnxJavaType cacheType;
  private final boolean loop;
  private final OnnxStage step;
  private final @Nullable OnnxStage encoder;
  private final @Nullable OnnxStage draft;
  private final SessionCount sessions = new SessionCount();

  private OnnxLanguage(
      TextConfig config,
      OnnxJavaType cacheType,
      OnnxStage step,
      @Nullable OnnxStage encoder,
      @Nullable OnnxStage draft,
      boolean loop) {
    this.config = config;
    this.cacheType = cacheType;
    this.loop = loop;
    this.step = step;
    this.encoder = encoder;
    this.draft = draft;
  }

  /** The graphs of a language model that has not been opened. */
  private record Graphs(
      WeightPlaces.Compiler step, WeightPlaces.@Nullable Compiler encoder, String stepName) {}

  /**
   * Checks the weights' names and shapes; nothing is opened.
   *
   * @param card whether it is for a card, where the step has a loop behind it
   */
  static Source source(TextConfig config, Weights weights, boolean card) {
    Graphs graphs = graphs(config, weights, card);
    return (cacheType, opener, drafter) -> {
      OnnxStage encoder =
          graphs.encoder() == null ? null : opener.stage("encoder", graphs.encoder());
      OnnxStage step = opener.stage(graphs.stepName(), graphs.step());
      OnnxStage draft = drafter == null ? null : drafter.stage("draft", graphs.step());
      return new OnnxLanguage(config, cacheType, step, encoder, draft, card);
    };
  }

  private static Graphs graphs(TextConfig config, Weights weights, boolean card) {
    if (config instanceof T5Config t5) {
      T5Encoder reader = T5Encoder.of(t5, weights);
      T5Decoder writer = T5Decoder.of(t5, weights);
      return new Graphs(
          card
              ? places -> Seq2SeqGraphs.decoderWithLoop(t5, writer, places)
              : places -> Seq2SeqGraphs.decoder(t5, writer, places),
          places -> Seq2SeqGraphs.encoder(t5, reader, places),
          "decoder");
    }
    OptConfig opt = (OptConfig) config;
    OptDecoder decoder = OptDecoder.of(opt, weights);
    WeightPlaces.Compiler compiler =
        card
            ? places -> LanguageGraph.compileWithLoop(opt, decoder, places)
            : places -> LanguageGraph.compile(opt, decoder, places);
    return new Graphs(compiler, null, "language model");
  }

  /** A language model that has not been opened. */
  interface Source {
    /** Opens it, with a second decoder that guesses if there is an opener for one. */
    OnnxLanguage open(OnnxJavaType cacheType, StageOpener opener, @Nullable StageOpener drafter);
  }

  /** Opens a graph with the model's settings, and closes it if loading fails later. */
  interface StageOpener {
    OnnxStage stage(String name, WeightPlaces.Compiler compiler);
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return OnnxLanguageSession.open(this, rows, capacity);
  }

  @Override
  public int stepsAhead() {
    return loop ? MOST_AHEAD : 0;
  }

  TextConfig config() {
    return config;
  }

  /** Of keys and values. */
  OnnxJavaType cacheType() {
    return cacheType;
  }

  OnnxStage step() {
    return step;
  }

  /** The decoder with cheaper weights. */
  OnnxStage draft() {
    if (draft == null) {
      throw new UnsupportedOperationException("this model was loaded without a draft");
    }
    return draft;
  }

  SessionCount sessions() {
    return sessions;
  }

  /** Runs the encoder over picture and prompt. The caller closes what it read. */
  OnnxMemory read(T5Config t5, float[] features, Lengths.Step what) {
    OnnxMemory memory = new OnnxMemory(t5, what);
    int prompts = memory.prompts();
    int span = what.span();
    long[] buckets = new RelativeBuckets(t5).encoder(what.ends(), span);
    try (FloatTensor prefix = new FloatTensor(features, prompts, what.features(), t5.hiddenSize());
        SmallTensors tensors = new SmallTensors()) {
      Map<String, OnnxTensor> inputs = new HashMap<>();
      inputs.put(LanguageGraph.FEATURES, prefix.tensor());
      inputs.put(LanguageGraph.IDS, tensors.longs(what.ids(), prompts, what.width()));
      inputs.put(Seq2SeqGraphs.BUCKETS, tensors.longs(buckets, prompts, span, span));
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
    if (draft != null) {
      draft.close();
    }
  }
}
