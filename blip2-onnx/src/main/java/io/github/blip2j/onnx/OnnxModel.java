package io.github.blip2j.onnx;

import static io.github.blip2j.core.WeightLayout.MAPPED;

import ai.onnxruntime.OnnxJavaType;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.HeadConfig;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.nn.VisionTransformer;
import io.github.blip2j.internal.session.Inputs;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.Retrieval;
import io.github.blip2j.spi.VisionEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The graphs of a checkpoint: what looks at the picture, and what writes or matches. */
final class OnnxModel implements LoadedModel {
  private final ModelConfig config;
  private final OnnxStage vision;
  private final OnnxStage qformer;
  private final @Nullable OnnxLanguage language;
  private final @Nullable OnnxRetrieval retrieval;
  private final List<Path> files;

  private OnnxModel(
      ModelConfig config,
      OnnxStage vision,
      OnnxStage qformer,
      @Nullable OnnxLanguage language,
      @Nullable OnnxRetrieval retrieval,
      List<Path> files) {
    this.files = files;
    this.config = config;
    this.vision = vision;
    this.qformer = qformer;
    this.language = language;
    this.retrieval = retrieval;
  }

  static OnnxModel load(LoadRequest request) {
    return load(request, request.execution().device().type() == Device.Type.CUDA);
  }

  /**
   * Loads.
   *
   * @param card whether the graphs are those for a card; tests run them on a processor too
   */
  static OnnxModel load(LoadRequest request, boolean card) {
    Checkpoint checkpoint = request.checkpoint();
    ModelConfig config = checkpoint.config();
    // Every shape is checked before any byte is converted or any session opened.
    VisionTransformer seer = VisionTransformer.of(config.vision(), checkpoint.weights());
    QFormerNetwork reader = QFormerNetwork.of(config, checkpoint.weights());
    OnnxLanguage.Source writer =
        config.head() instanceof TextConfig text
            ? OnnxLanguage.source(text, checkpoint.weights(), card)
            : null;
    RetrievalNetwork matcher =
        writer == null ? RetrievalNetwork.of(config, reader, checkpoint.weights()) : null;
    Openers open = Openers.of(request, card);
    List<OnnxStage> opened = new ArrayList<>();
    try {
      WeightLayout seen = imageLayout(request.execution());
      OnnxStage vision =
          open.image()
              .opening("vision", seen, opened, p -> ImageGraphs.vision(config.vision(), seer, p));
      OnnxStage qformer =
          open.middle()
              .opening("qformer", seen, opened, p -> ImageGraphs.qformer(config, reader, p));
      WeightLayout layout = request.execution().layout();
      OnnxLanguage language =
          writer == null
              ? null
              : writer.open(
                  open.text().forms().halves() ? OnnxJavaType.FLOAT16 : OnnxJavaType.FLOAT,
                  (name, compiler) -> open.text().opening(name, layout, opened, compiler),
                  open.image().drafter(card, opened));
      OnnxRetrieval retrieval =
          matcher == null ? null : heads(config, open.middle(), matcher, opened);
      // The language model goes on opening beside the first picture's encoding.
      return new OnnxModel(
          config, vision.ready(), qformer.ready(), language, retrieval, List.copyOf(open.files()));
    } catch (RuntimeException | Error e) {
      opened.forEach(OnnxStage::close);
      throw e;
    }
  }

  /** Beside a draft the image stages stay mapped: two language models take memory enough. */
  static WeightLayout imageLayout(Execution execution) {
    return execution.draft().isPresent() ? MAPPED : execution.layout();
  }

  private static OnnxRetrieval heads(
      ModelConfig config, Opener opener, RetrievalNetwork matcher, List<OnnxStage> opened) {
    return new OnnxRetrieval(
        config,
        opener.opening("text", MAPPED, opened, p -> RetrievalGraphs.text(config, matcher, p)),
        opener.opening("pairs", MAPPED, opened, p -> RetrievalGraphs.pairs(config, matcher, p)));
  }

  /** One for each precision, and the files that they prepared. */
  private record Openers(Opener image, Opener middle, Opener text, List<Path> files) {
    static Openers of(LoadRequest request, boolean card) {
      Precisions precisions = request.execution().precisions();
      HeadConfig head = request.checkpoint().config().head();
      List<Path> files = new ArrayList<>();
      return new Openers(
          new Opener(request, WeightForm.of(precisions.vision(), true, card), files),
          new Opener(request, WeightForm.of(precisions.qformer(), false, card), files),
          new Opener(request, WeightForm.ofLanguage(head, precisions.language(), card), files),
          files);
    }
  }

  /** Opens graphs of one precision, tells the listener and notes what is opened. */
  private record Opener(LoadRequest request, WeightForm.Choice forms, List<Path> files) {
    /** Prepares a stage's weights, and lets a thread of its own open it. */
    OnnxStage opening(
        String name, WeightLayout layout, List<OnnxStage> opened, WeightPlaces.Compiler compiler) {
      request.listener().progress(name, 0, 1);
      PreparedWeights prepared =
          new PreparedWeights(request.checkpoint(), request.cacheDirectory(), request.listener());
      PreparedWeights.Compiled compiled = prepared.compile(name, forms, compiler);
      files.addAll(compiled.files());
      // Quantised weights are useless unless the runtime packs them; others are mapped, or on a
      // card.
      boolean plain = forms == WeightForm.PLAIN || forms.card();
      boolean packed = !plain || layout == WeightLayout.PACKED;
      OnnxStage stage =
          new OnnxStage(
              name,
              compiled.graph(),
              compiled.folder(),
              request.execution(),
              packed ? WeightLayout.PACKED : MAPPED);
      opened.add(stage);
      request.listener().progress(name, 1, 1);
      return stage;
    }

    OnnxLanguage.@Nullable StageOpener drafter(boolean card, List<OnnxStage> opened) {
      Precision draft = request.execution().draft().orElse(null);
      if (draft == null) {
        return null;
      }
      Opener opener = new Opener(request, WeightForm.of(draft, false, card), files);
      return (name, compiler) -> opener.opening(name, WeightLayout.PACKED, opened, compiler);
    }
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
        int[] sizes = {queries * config.qformer().hiddenSize(), queries * config.projectedSize()};
        float[][] read = qformer.run(Map.of(ImageGraphs.PATCHES, input.tensor()), outputs, sizes);
        return new QFormer.Output(read[0], read[1]);
      }
    };
  }

  @Override
  public LanguageModel language() {
    config.text(); // says why there is none
    return Objects.requireNonNull(language);
  }

  @Override
  public Retrieval retrieval() {
    config.retrieval(); // says why there is none
    return Objects.requireNonNull(retrieval);
  }

  @Override
  public List<Path> mappedFiles() {
    return files;
  }

  @Override
  public void close() {
    if (language != null) {
      language.close(); // refuses under an open session
    }
    if (retrieval != null) {
      retrieval.close();
    }
    qformer.close();
    vision.close();
  }
}
