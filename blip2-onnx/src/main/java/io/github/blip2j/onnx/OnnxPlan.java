package io.github.blip2j.onnx;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint runs: all that depends on device, precisions, layout and draft is decided here,
 * before anything is converted or opened.
 *
 * @param target which kernels the graphs are written for
 * @param matching the heads that match images and texts; none of a checkpoint that writes
 * @param language null of a checkpoint that matches
 */
record OnnxPlan(
    ModelProgram program,
    GraphTarget target,
    StagePlan vision,
    StagePlan qformer,
    List<Planned> matching,
    @Nullable LanguagePlan language) {

  /** A stage and its plan. */
  record Planned(Stage stage, StagePlan plan) {
    private static Planned head(Stage stage, Precision precision, StagePlan.Start start) {
      return new Planned(stage, StagePlan.of(stage.name(), StagePlan.Kind.TEXT, precision, start));
    }
  }

  /** The precisions that are usual for a target. */
  static Precisions usual(GraphTarget target) {
    return Precisions.of(target == GraphTarget.CUDA ? Precision.FLOAT16 : Precision.FLOAT32);
  }

  /**
   * The precisions of a recipe. The vision encoder has eight bits where less than float32 is asked
   * for: with outlier channels too, at least 98 % of the texts stay.
   *
   * @throws BackendUnavailableException if there is none
   */
  static Precisions of(Recipe recipe, GraphTarget target) {
    if (recipe == Recipe.SMALL && target == GraphTarget.CUDA) {
      throw new BackendUnavailableException(
          "onnx: precision: expected exact or balanced on a CUDA device, found small, for which"
              + " there are no kernels; balanced is float16 there");
    }
    return switch (recipe) {
      case EXACT -> Precisions.of(Precision.FLOAT32);
      case BALANCED ->
          target == GraphTarget.CUDA
              ? Precisions.of(Precision.FLOAT16)
              : new Precisions(Precision.INT8, Precision.FLOAT32, Precision.INT8);
      case SMALL -> new Precisions(Precision.INT8, Precision.INT8_WEIGHTS, Precision.INT4);
    };
  }

  /** What may be taken instead of the usual for want of memory, the most exact first. */
  static List<Precisions> fallbacks(GraphTarget target) {
    return target == GraphTarget.CUDA
        ? List.of()
        : List.of(
            new Precisions(Precision.FLOAT32, Precision.FLOAT32, Precision.INT8),
            of(Recipe.BALANCED, target),
            new Precisions(Precision.INT8, Precision.INT8_WEIGHTS, Precision.INT8),
            new Precisions(Precision.INT8, Precision.INT8_WEIGHTS, Precision.INT4_BLOCK32),
            of(Recipe.SMALL, target));
  }

  /** The precisions that a draft can have. */
  static Set<Precision> drafts(GraphTarget target) {
    return target == GraphTarget.CUDA
        ? Set.of()
        : EnumSet.of(Precision.INT8, Precision.INT4, Precision.INT4_BLOCK32);
  }

  /**
   * Plans for the device of an execution.
   *
   * @throws BackendUnavailableException if there is no kernel for a precision
   */
  static OnnxPlan of(ModelProgram program, Execution execution) {
    return of(program, execution, GraphTarget.of(execution.device()));
  }

  /** Plans for other kernels than the device's own. */
  static OnnxPlan of(ModelProgram program, Execution execution, GraphTarget target) {
    Precisions precisions = execution.precisions();
    Precision draft = execution.draft().orElse(null);
    requireDraft(draft, target);
    StagePlan.Start text = asAsked(execution.layout(), target);
    StagePlan.Start image =
        draft == null ? text : mapped(target, "a draft's two models are enough");
    StagePlan vision =
        StagePlan.of(program.vision().name(), StagePlan.Kind.VISION, precisions.vision(), image);
    StagePlan qformer =
        StagePlan.of(program.qformer().name(), StagePlan.Kind.QFORMER, precisions.qformer(), image);
    if (program.head() instanceof LanguageProgram writer) {
      LanguagePlan language = LanguagePlan.of(writer, precisions.language(), draft, text);
      return new OnnxPlan(program, target, vision, qformer, List.of(), language);
    }
    return new OnnxPlan(
        program, target, vision, qformer, matching(program.matching(), precisions, target), null);
  }

  private static List<Planned> matching(
      ModelProgram.Matching heads, Precisions precisions, GraphTarget target) {
    StagePlan.Start start = mapped(target, "heads that match run once a text");
    StagePlan.of("language", StagePlan.Kind.TEXT, precisions.language(), start); // or refuses
    return List.of(
        Planned.head(heads.text(), precisions.qformer(), start),
        Planned.head(heads.pairs(), precisions.qformer(), start));
  }

  private static StagePlan.Start asAsked(WeightLayout layout, GraphTarget target) {
    String reason =
        layout == WeightLayout.MAPPED ? "used where it lies in its file" : "faster, for a copy";
    return new StagePlan.Start(target, layout, reason);
  }

  private static StagePlan.Start mapped(GraphTarget target, String reason) {
    return new StagePlan.Start(target, WeightLayout.MAPPED, reason);
  }

  private static void requireDraft(@Nullable Precision draft, GraphTarget target) {
    if (draft != null && !drafts(target).contains(draft)) {
      throw new BackendUnavailableException(
          String.format(
              Locale.ROOT,
              "onnx: draft: expected one of %s on %s, found %s",
              drafts(target).stream().map(Precision::label).toList(),
              target == GraphTarget.CUDA ? "a CUDA device" : "a processor",
              draft.label()));
    }
  }

  /**
   * Private memory of the host that the weights will take: what is packed there. Weights that are
   * mapped are in no memory of our own, and those for a GPU go to it.
   */
  long privateBytes() {
    if (target == GraphTarget.CUDA) {
      return 0;
    }
    long bytes = 0;
    if (vision.packed()) {
      bytes += program.vision().weights().linearBytes(vision.precision());
    }
    if (qformer.packed()) {
      bytes += program.qformerWeights().linearBytes(qformer.precision());
    }
    if (language != null && language.decoder().packed()) {
      bytes += program.language().weights().linearBytes(language.decoder().precision());
    }
    StagePlan draft = language == null ? null : language.draft();
    if (draft != null) {
      bytes += program.language().decoder().weights().linearBytes(draft.precision());
    }
    return bytes;
  }

  /**
   * An occasional stage: in the Q-Former's precision, so that it uses the weights that its like
   * has.
   */
  StagePlan occasional(Stage stage) {
    StagePlan.Start start = mapped(target, "runs now and then");
    return StagePlan.of(stage.name(), StagePlan.Kind.TEXT, qformer.precision(), start);
  }

  /** Every weight of every stage in its form, each once. */
  Set<WeightPlaces.Request> requests() {
    Set<WeightPlaces.Request> all = new LinkedHashSet<>();
    add(all, program.vision(), vision);
    add(all, program.qformer(), qformer);
    matching.forEach(head -> add(all, head.stage(), head.plan()));
    if (language != null) {
      LanguageProgram writer = program.language();
      writer.encoder().ifPresent(e -> add(all, e, language.encoder()));
      add(all, writer.decoder(), language.decoder());
      add(all, writer.decoder(), language.draft());
    }
    return all;
  }

  private static void add(Set<WeightPlaces.Request> all, Stage stage, @Nullable StagePlan plan) {
    if (plan != null) {
      all.addAll(WeightPlaces.requests(stage.weights(), plan.forms()));
    }
  }

  /** Memory of the host that all weights take, mapped or packed. */
  long weightBytes() {
    return target == GraphTarget.CUDA
        ? 0
        : requests().stream().mapToLong(r -> r.form().bytes(r.weight())).sum();
  }

  /** Every decision with its reason. */
  List<Decision<?>> decisions() {
    List<Decision<?>> all = new ArrayList<>(vision.decisions());
    all.addAll(qformer.decisions());
    matching.forEach(head -> all.addAll(head.plan().decisions()));
    if (language != null) {
      all.addAll(language.decisions());
    }
    return List.copyOf(all);
  }
}
