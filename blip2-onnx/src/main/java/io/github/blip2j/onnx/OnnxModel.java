package io.github.blip2j.onnx;

import static io.github.blip2j.core.WeightLayout.MAPPED;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.ModelProgram.Matching;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.WeightUses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The graphs of a checkpoint: stages without state, and the language model. */
final class OnnxModel implements LoadedModel {
  private final ModelProgram program;
  private final Map<String, OnnxStage> stages;
  private final Map<String, Stage> texts;
  private final @Nullable OnnxLanguage language;
  private final List<Path> files;

  private OnnxModel(
      ModelProgram program, Opened opened, @Nullable OnnxLanguage language, List<Path> files) {
    this.program = program;
    this.stages = opened.stages();
    this.texts = opened.texts();
    this.language = language;
    this.files = files;
  }

  /** Stages without state, by name. */
  private record Opened(Map<String, OnnxStage> stages, Map<String, Stage> texts) {
    OnnxStage add(Stage stage, OnnxStage opening) {
      stages.put(stage.name(), opening);
      texts.put(stage.name(), stage);
      return opening;
    }
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
    // Every shape is checked before any byte is converted or any session opened.
    ModelProgram program = request.checkpoint().program();
    Openers open = Openers.of(request, program, card);
    Opened opened = new Opened(new LinkedHashMap<>(), new LinkedHashMap<>());
    try {
      WeightLayout seen = imageLayout(request.execution());
      OnnxStage vision = opened.add(program.vision(), open.image().opening(program.vision(), seen));
      OnnxStage qformer =
          opened.add(program.qformer(), open.middle().opening(program.qformer(), seen));
      OnnxLanguage language = null;
      if (program.head() instanceof LanguageProgram writer) {
        language = OnnxLanguage.open(writer, card, open.text(), open.drafter(request, card));
      } else {
        Matching matching = program.matching();
        opened.add(matching.text(), open.middle().opening(matching.text(), MAPPED));
        opened.add(matching.pairs(), open.middle().opening(matching.pairs(), MAPPED));
      }
      // The language model goes on opening beside the first image's encoding.
      vision.ready();
      qformer.ready();
      return new OnnxModel(program, opened, language, List.copyOf(open.files()));
    } catch (RuntimeException | Error e) {
      open.stages().forEach(OnnxStage::close);
      throw e;
    }
  }

  /** Beside a draft the image stages stay mapped: two language models take memory enough. */
  static WeightLayout imageLayout(Execution execution) {
    return execution.draft().isPresent() ? MAPPED : execution.layout();
  }

  /** One for each precision, the files that they prepared, and all that they opened. */
  private record Openers(
      Opener image, Opener middle, Opener text, List<Path> files, List<OnnxStage> stages) {
    static Openers of(LoadRequest request, ModelProgram program, boolean card) {
      Precisions precisions = request.execution().precisions();
      List<Path> files = new ArrayList<>();
      List<OnnxStage> stages = new ArrayList<>();
      WeightForm.Choice language =
          program.head() instanceof LanguageProgram writer
              ? WeightForm.ofLanguage(writer, precisions.language(), card)
              : WeightForm.of(precisions.language(), false, card);
      return new Openers(
          new Opener(request, WeightForm.of(precisions.vision(), true, card), files, stages),
          new Opener(request, WeightForm.of(precisions.qformer(), false, card), files, stages),
          new Opener(request, language, files, stages),
          files,
          stages);
    }

    @Nullable Opener drafter(LoadRequest request, boolean card) {
      Precision draft = request.execution().draft().orElse(null);
      return draft == null
          ? null
          : new Opener(request, WeightForm.of(draft, false, card), files, stages);
    }
  }

  /** Opens graphs of one precision, tells the listener and notes what is opened. */
  private record Opener(
      LoadRequest request, WeightForm.Choice forms, List<Path> files, List<OnnxStage> stages)
      implements OnnxLanguage.StageOpener {
    /** A stage without state. */
    OnnxStage opening(Stage stage, WeightLayout layout) {
      return opening(stage.name(), stage, layout, places -> StageGraph.compile(stage, places));
    }

    @Override
    public OnnxStage stage(String name, Stage stage, WeightPlaces.Compiler compiler) {
      return opening(name, stage, request.execution().layout(), compiler);
    }

    @Override
    public boolean halves() {
      return forms.halves();
    }

    /** Prepares a stage's weights, and lets a thread of its own open it. */
    private OnnxStage opening(
        String name, Stage stage, WeightLayout layout, WeightPlaces.Compiler compiler) {
      request.listener().progress(name, 0, 1);
      PreparedWeights prepared =
          new PreparedWeights(request.checkpoint(), request.cacheDirectory(), request.listener());
      PreparedWeights.Compiled compiled =
          prepared.compile(name, WeightUses.of(stage), forms, compiler);
      files.addAll(compiled.files());
      // Quantised weights are useless unless the runtime packs them; others are mapped, or on a
      // card.
      boolean plain = forms == WeightForm.PLAIN || forms.card();
      boolean packed = !plain || layout == WeightLayout.PACKED;
      OnnxStage opened =
          new OnnxStage(
              name,
              compiled.graph(),
              compiled.folder(),
              request.execution(),
              packed ? WeightLayout.PACKED : MAPPED);
      stages.add(opened);
      request.listener().progress(name, 1, 1);
      return opened;
    }
  }

  @Override
  public ModelProgram program() {
    return program;
  }

  @Override
  public float[][] run(String stage, Map<String, HostTensor> inputs) {
    OnnxStage opened = Objects.requireNonNull(stages.get(stage), stage);
    List<Stage.Output> outputs = Objects.requireNonNull(texts.get(stage), stage).outputs();
    String[] names = outputs.stream().map(Stage.Output::name).toArray(String[]::new);
    try (HostTensors tensors = new HostTensors()) {
      Map<String, OnnxTensor> given = tensors.all(inputs);
      return opened.run(given, names);
    }
  }

  @Override
  public LanguageModel language() {
    program.language(); // says why there is none
    return Objects.requireNonNull(language);
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
    stages.values().forEach(OnnxStage::close);
  }
}
