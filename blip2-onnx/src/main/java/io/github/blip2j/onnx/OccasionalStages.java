package io.github.blip2j.onnx;

import io.github.blip2j.core.LoadListener;
import io.github.blip2j.family.ModelProgram.Occasional;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.stage.Stage;
import java.util.HashMap;
import java.util.Map;

/**
 * Stages that are compiled and opened when they are first run, over weights that another stage has
 * prepared. Safe for many threads.
 */
final class OccasionalStages implements AutoCloseable {
  private final LoadRequest request;
  private final OnnxPlan plan;
  private final WeightFiles files; // that later stages are compiled over
  private final Map<String, OnnxStage> open = new HashMap<>();
  private boolean closed;

  OccasionalStages(LoadRequest request, OnnxPlan plan) {
    this.request = request;
    this.plan = plan;
    this.files = WeightFiles.of(request.checkpoint().weightFiles());
  }

  /**
   * A stage, opened.
   *
   * @param name of one of the program's occasional stages
   */
  synchronized OnnxStage stage(String name) {
    if (closed) {
      throw new IllegalStateException("the model is closed");
    }
    return open.computeIfAbsent(name, this::open);
  }

  private OnnxStage open(String name) {
    Occasional part =
        plan.program().occasional().stream()
            .filter(o -> o.stage().name().equals(name))
            .findFirst()
            .orElseThrow();
    files.requireSame();
    Stage stage = part.stage();
    StagePlan planned = plan.occasional(stage);
    PreparedWeights prepared =
        new PreparedWeights(request.checkpoint(), request.cacheDirectory(), LoadListener.NONE);
    PreparedWeights.Compiled compiled =
        prepared.compile(
            part.like().name(),
            part.like().weights(), // in the same order: its file is found again
            planned.forms(),
            places -> StageGraph.compile(stage, places));
    OnnxStage opened = new OnnxStage(planned, compiled, request.execution());
    try {
      return opened.ready();
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    open.values().forEach(OnnxStage::close);
  }
}
