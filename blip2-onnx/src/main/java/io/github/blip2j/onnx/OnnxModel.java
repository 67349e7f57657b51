package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightTensor;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The graphs of a checkpoint: stages without state, and the language model. */
final class OnnxModel implements LoadedModel {
  private final ModelProgram program;
  private final Map<String, OnnxStage> stages; // those without state, by name
  private final @Nullable OnnxLanguage language;
  private final OccasionalStages occasional;
  private final List<Path> files;

  private OnnxModel(
      OccasionalStages occasional,
      Map<String, OnnxStage> stages,
      @Nullable OnnxLanguage language,
      Opener opener) {
    this.program = opener.request().program();
    this.stages = stages;
    this.language = language;
    this.occasional = occasional;
    this.files = List.copyOf(opener.files());
  }

  /** Loads as a plan says. */
  static OnnxModel load(LoadRequest request, OnnxPlan plan) {
    // Every shape is checked before any byte is converted or any session opened.
    ModelProgram program = plan.program();
    Opener opener = new Opener(request, new ArrayList<>(), new ArrayList<>());
    Map<String, OnnxStage> stages = new LinkedHashMap<>();
    try {
      OnnxStage vision = opener.stage(plan.vision(), program.vision());
      OnnxStage qformer = opener.stage(plan.qformer(), program.qformer());
      stages.put(program.vision().name(), vision);
      stages.put(program.qformer().name(), qformer);
      for (OnnxPlan.Planned head : plan.matching()) {
        stages.put(head.stage().name(), opener.stage(head.plan(), head.stage()));
      }
      OnnxLanguage language =
          plan.language() == null
              ? null
              : OnnxLanguage.open(program.language(), plan.language(), opener);
      // On a CPU the language model goes on opening beside the first image's encoding; a GPU may
      // have no room for it, which is to be known before anything is asked of the model.
      List<OnnxStage> awaited =
          plan.target() == GraphTarget.CUDA ? opener.stages() : List.of(vision, qformer);
      awaited.forEach(OnnxStage::ready);
      return new OnnxModel(new OccasionalStages(request, plan), stages, language, opener);
    } catch (RuntimeException | Error e) {
      opener.stages().forEach(OnnxStage::close);
      throw e;
    }
  }

  /** Opens graphs, tells the listener, and notes the files that were prepared and what is open. */
  private record Opener(LoadRequest request, List<Path> files, List<OnnxStage> stages)
      implements OnnxLanguage.StageOpener {
    /** A stage without state. */
    OnnxStage stage(StagePlan plan, Stage stage) {
      return stage(plan, stage, places -> StageGraph.compile(stage, places));
    }

    /** Prepares a stage's weights, and lets a thread of its own open it. */
    @Override
    public OnnxStage stage(StagePlan plan, Stage stage, WeightPlaces.Compiler compiler) {
      WeightUses uses = stage.weights();
      long bytes = bytes(uses);
      request.listener().progress(plan.name(), 0, bytes);
      PreparedWeights prepared =
          new PreparedWeights(request.checkpoint(), request.cacheDirectory(), request.listener());
      PreparedWeights.Compiled compiled =
          prepared.compile(plan.name(), uses, plan.forms(), compiler);
      files.addAll(compiled.files());
      OnnxStage opened = new OnnxStage(plan, compiled, request.execution());
      stages.add(opened);
      request.listener().progress(plan.name(), bytes, bytes);
      return opened;
    }

    private static long bytes(WeightUses uses) {
      return Stream.of(uses.linear(), uses.inFloat32(), uses.tables(), uses.others())
          .flatMap(List::stream)
          .distinct()
          .mapToLong(WeightTensor::bytes)
          .sum();
    }
  }

  @Override
  public ModelProgram program() {
    return program;
  }

  @Override
  public float[][] run(String stage, Map<String, HostTensor> inputs) {
    List<Stage.Output> outputs = program.stage(stage).outputs();
    OnnxStage known = stages.get(stage);
    OnnxStage opened = known == null ? occasional.stage(stage) : known;
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
    occasional.close();
  }
}
