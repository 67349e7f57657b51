package io.github.blip2j.onnx;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.VisionTransformer;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.VisionEncoder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The three graphs of a checkpoint. */
final class OnnxModel implements LoadedModel {
  private final ModelConfig config;
  private final OnnxStage vision;
  private final OnnxStage qformer;
  private final OnnxStage language;
  private final SessionCount sessions = new SessionCount();

  private OnnxModel(ModelConfig config, OnnxStage vision, OnnxStage qformer, OnnxStage language) {
    this.config = config;
    this.vision = vision;
    this.qformer = qformer;
    this.language = language;
  }

  static OnnxModel load(LoadRequest request) {
    Checkpoint checkpoint = request.checkpoint();
    ModelConfig config = checkpoint.config();
    OptConfig opt = (OptConfig) config.text();
    // Every shape is checked before any byte is converted or any session opened.
    VisionTransformer seer = VisionTransformer.of(config.vision(), checkpoint.weights());
    QFormerNetwork reader = QFormerNetwork.of(config, checkpoint.weights());
    OptDecoder writer = OptDecoder.of(opt, checkpoint.weights());
    Float32Copy copy = new Float32Copy(checkpoint, request.cacheDirectory());
    WeightPlaces places = new WeightPlaces(copy.tensors(request.listener()));
    OnnxStage vision = null;
    OnnxStage qformer = null;
    OnnxStage language = null;
    try {
      vision = open(request, "vision", ImageGraphs.vision(config.vision(), seer, places), places);
      qformer = open(request, "qformer", ImageGraphs.qformer(config, reader, places), places);
      language =
          open(request, "language model", LanguageGraph.compile(opt, writer, places), places);
      return new OnnxModel(config, vision, qformer, language);
    } catch (RuntimeException | Error e) {
      closeAll(language, qformer, vision);
      throw e;
    }
  }

  private static OnnxStage open(
      LoadRequest request, String name, byte[] graph, WeightPlaces places) {
    request.listener().progress(name, 0, 1);
    OnnxStage stage =
        new OnnxStage(name, graph, places.folder(), request.device(), request.threads());
    request.listener().progress(name, 1, 1);
    return stage;
  }

  @Override
  public VisionEncoder vision() {
    return (pixels, batch) -> {
      int side = config.vision().imageSize();
      Inputs.pixels(config, pixels, batch);
      int[] sizes = {batch * config.vision().patches() * config.vision().hiddenSize()};
      try (FloatTensor input = new FloatTensor(pixels, batch, 3, side, side)) {
        String[] outputs = {ImageGraphs.PATCHES};
        return vision.run(Map.of(ImageGraphs.PIXELS, input.tensor()), outputs, sizes)[0];
      }
    };
  }

  @Override
  public QFormer qformer() {
    return (patches, batch) -> {
      int count = config.vision().patches();
      int width = config.vision().hiddenSize();
      int queries = batch * config.qformer().queries();
      Inputs.patches(config, patches, batch);
      try (FloatTensor input = new FloatTensor(patches, batch, count, width)) {
        String[] outputs = {ImageGraphs.QUERIES, ImageGraphs.PROJECTED};
        int[] sizes = {
          queries * config.qformer().hiddenSize(), queries * config.text().hiddenSize()
        };
        float[][] read = qformer.run(Map.of(ImageGraphs.PATCHES, input.tensor()), outputs, sizes);
        return new QFormer.Output(read[0], read[1]);
      }
    };
  }

  @Override
  public LanguageModel language() {
    return (rows, capacity) ->
        new OnnxLanguageSession((OptConfig) config.text(), language, sessions, rows, capacity);
  }

  @Override
  public void close() {
    sessions.close();
    closeAll(language, qformer, vision);
  }

  private static void closeAll(@Nullable OnnxStage... stages) {
    for (OnnxStage stage : stages) {
      if (stage != null) {
        stage.close();
      }
    }
  }
}
