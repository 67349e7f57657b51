package io.github.blip2j.family;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.WeightUses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint computes, as stages over its weights: all that a backend needs to know of a
 * model. Immutable.
 *
 * @param vision pixels (B,3,side,side) to patches (B,N,E)
 * @param qformer patches to queries (B,Q,D) and their projection (B,Q,d); of one that reads
 *     instructions, patches of one image (1,N,E), token ids and position ids (B,T) and mask (B,Q+T)
 *     to them
 * @param head what stands on the Q-Former
 * @param instruction what instructions the Q-Former reads with an image, or none
 * @param occasional stages that are compiled no sooner than they are run: {@link #ATTENTION} where
 *     the Q-Former reads images alone, {@link #TEXT_ATTENTION} where it reads them with a text
 */
public record ModelProgram(
    Stage vision,
    Stage qformer,
    Head head,
    @Nullable TextBounds instruction,
    List<Occasional> occasional) {
  /** Name of a stage: patches of one image to where the Q-Former looks. */
  public static final String ATTENTION = "attention";

  /** Name of a stage: patches of one image and one text to where the Q-Former looks. */
  public static final String TEXT_ATTENTION = "text_attention";

  /**
   * Output of {@link #ATTENTION} and {@link #TEXT_ATTENTION}: cross-attention weights (1,L·H·Q,N)
   * of the L blocks that look at the image, their heads and queries.
   */
  public static final String WEIGHTS = "weights";

  /** Input of {@link #vision}. */
  public static final String PIXELS = "pixels";

  /** Output of {@link #vision}, input of {@link #qformer} and {@link Matching#pairs}. */
  public static final String PATCHES = "patches";

  /** Output of {@link #qformer} and {@link Matching#pairs}. */
  public static final String QUERIES = "queries";

  /** Output of {@link #qformer}. */
  public static final String PROJECTED = "projected";

  /** Input of what reads texts: token ids. */
  public static final String IDS = "ids";

  /** Input of what reads texts: position of each token. */
  public static final String POSITION_IDS = "position_ids";

  /** Input of what reads texts: 1 for what is there, 0 for padding. */
  public static final String MASK = "mask";

  /**
   * The same with one stage more.
   *
   * @param one stage that is run now and then
   * @return a program of both
   */
  public ModelProgram with(Occasional one) {
    List<Occasional> all = new ArrayList<>(occasional);
    all.add(one);
    return new ModelProgram(vision, qformer, head, instruction, all);
  }

  /** Copies the list. */
  public ModelProgram {
    occasional = List.copyOf(occasional);
  }

  /**
   * A stage that few callers ask for: a backend does not compile it before.
   *
   * @param stage of it
   * @param like one of {@link #stages}, which uses all its weights
   */
  public record Occasional(Stage stage, Stage like) {}

  /** A language model that writes, or heads that match images and texts. */
  public sealed interface Head permits LanguageProgram, Matching {}

  /**
   * The Q-Former reading texts, and the heads on it.
   *
   * @param config bounds of the texts
   * @param text token ids, position ids and mask (B,T) to states (B,T,D) and features (B,T,P)
   * @param pairs patches of one image, token ids and position ids (B,T) and mask (B,Q+T) to queries
   *     (B,Q,D) and logits (B,2)
   */
  public record Matching(RetrievalConfig config, Stage text, Stage pairs) implements Head {
    /** Token ids. */
    public static final String IDS = ModelProgram.IDS;

    /** Position of each token. */
    public static final String POSITION_IDS = ModelProgram.POSITION_IDS;

    /** 1 for what is there, 0 for padding. */
    public static final String MASK = ModelProgram.MASK;

    /** Patches of the one image. */
    public static final String PATCHES = ModelProgram.PATCHES;
  }

  /**
   * What runs without state and is compiled at once: the vision encoder, the Q-Former and the heads
   * that match.
   *
   * @return the stages, each of another name
   */
  public List<Stage> stages() {
    return head instanceof Matching matching
        ? List.of(vision, qformer, matching.text(), matching.pairs())
        : List.of(vision, qformer);
  }

  /**
   * One of {@link #stages} or of the occasional ones.
   *
   * @param name of it
   * @return the stage
   * @throws IllegalArgumentException if there is none; names those that there are
   */
  public Stage stage(String name) {
    List<Stage> all = new ArrayList<>(stages());
    occasional.forEach(o -> all.add(o.stage()));
    return all.stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected a stage of "
                        + all.stream().map(Stage::name).toList()
                        + ", found "
                        + name));
  }

  /**
   * Whether it has an occasional stage.
   *
   * @param name such as {@link #ATTENTION}
   * @return false if no stage is called so
   */
  public boolean hasOccasional(String name) {
    return occasional.stream().anyMatch(o -> o.stage().name().equals(name));
  }

  /**
   * What texts the Q-Former can read beside an image.
   *
   * @return bounds of instructions, or of texts that are matched; null if it reads images alone
   */
  public @Nullable TextBounds textsBesideImages() {
    return head instanceof Matching matching ? matching.config().texts() : instruction;
  }

  /**
   * Weights of the Q-Former, and of the heads that match by it.
   *
   * @return each once, whichever of the stages use it
   */
  public WeightUses qformerWeights() {
    return WeightUses.of(stages().subList(1, stages().size()));
  }

  /**
   * The language model.
   *
   * @return its program
   * @throws CheckpointException if there is none
   */
  public LanguageProgram language() {
    if (head instanceof LanguageProgram language) {
      return language;
    }
    throw HeadConfig.writesNothing();
  }

  /**
   * The heads that match images and texts.
   *
   * @return their program
   * @throws CheckpointException if there are none
   */
  public Matching matching() {
    if (head instanceof Matching matching) {
      return matching;
    }
    throw HeadConfig.matchesNothing();
  }
}
