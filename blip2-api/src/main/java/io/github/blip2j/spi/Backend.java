package io.github.blip2j.spi;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.files.PreparedWeight;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An engine that can run BLIP-2, found through {@link java.util.ServiceLoader}. Implementations
 * have a public constructor without arguments that loads no native library, and are safe for many
 * threads.
 */
public interface Backend {
  /**
   * The name by which users choose this backend.
   *
   * @return a short lower-case word, unique among installed backends
   */
  String id();

  /**
   * Rank among the backends that can run: the highest is taken when the user names none.
   *
   * @return any number; the library's own are 20 (onnx) and 10 (djl)
   */
  int priority();

  /**
   * Why this backend cannot run on a device here. What can be known without loading native
   * libraries is said without loading them.
   *
   * @param device where the model would run
   * @param cacheDirectory where native libraries may be unpacked, in {@code natives} for this user
   *     alone; may not exist yet
   * @return the reason, or nothing if it can run
   * @throws BackendUnavailableException with the cause, where the engine cannot be started; a
   *     reason like one that is returned, and the next call tries again
   */
  Optional<String> obstacle(Device device, Path cacheDirectory);

  /**
   * The precisions that are taken where the user names none.
   *
   * @param device where the model will run
   * @return float32 for all stages, unless a backend knows better
   */
  default Precisions precisions(Device device) {
    return Precisions.of(Precision.FLOAT32);
  }

  /**
   * The precisions of a recipe.
   *
   * @param device where the model will run
   * @param recipe one of three
   * @return float32 for all stages where it is {@link Recipe#EXACT}
   * @throws BackendUnavailableException if this backend has none for it there; says what to choose
   *     instead
   */
  default Precisions precisions(Device device, Recipe recipe) {
    if (recipe == Recipe.EXACT) {
      return Precisions.of(Precision.FLOAT32);
    }
    throw new BackendUnavailableException(
        id()
            + ": precision: expected exact, the only recipe of this backend on "
            + device
            + ", found "
            + recipe.label());
  }

  /**
   * The precisions that may be taken where the user names none and the {@linkplain
   * #precisions(Device) usual ones} need more memory than there is.
   *
   * @param device where the model will run
   * @return the most exact first; none unless a backend has any
   */
  default List<Precisions> fallbacks(Device device) {
    return List.of();
  }

  /**
   * Estimates the memory of all weights that a model reads while it runs, before anything is
   * loaded: those that it has copies of, and those that it reads in mapped files, which the system
   * keeps in memory if it can.
   *
   * @param request what would be loaded and how
   * @return bytes; 0 if nobody knows, or if they are in no memory of the host
   */
  default long weightBytes(LoadRequest request) {
    return 0;
  }

  /**
   * The precisions of which a second, cheaper language model can guess ahead of the first.
   *
   * @param device where the model will run
   * @return none, unless a model that is loaded with one has {@link LanguageModel#drafting}
   */
  default Set<Precision> drafts(Device device) {
    return Set.of();
  }

  /**
   * Estimates the private memory that a model's weights will take, before anything is loaded.
   * Mapped files are not counted: the system can drop and read them again.
   *
   * @param request what would be loaded and how
   * @return bytes; 0 if nobody knows
   */
  default long privateBytes(LoadRequest request) {
    return 0;
  }

  /**
   * What {@link #load} would decide, before anything is loaded: kernels, types and layouts that
   * follow from a request.
   *
   * @param request what would be loaded and how
   * @return each decision with its reason; none unless a backend makes any
   * @throws BackendUnavailableException if it has no kernel for what is asked
   */
  default List<Decision<?>> plan(LoadRequest request) {
    return List.of();
  }

  /**
   * The weights of a model in the forms in which {@link #load} uses them, to be written into a
   * bundle. Of float32, float16 and bfloat16 they are ordinary tensors under the checkpoint's
   * names, unless a backend needs more.
   *
   * @param request what would be loaded and how
   * @return each weight once in each form; nothing has been converted yet
   * @throws BackendUnavailableException if it cannot store what it makes of them
   */
  default List<PreparedWeight> prepare(LoadRequest request) {
    return PlainWeights.of(id(), request);
  }

  /**
   * The weights that {@link #prepare(LoadRequest, LayerInputs)} rounds for what their layers are
   * given.
   *
   * @param request what would be loaded and how
   * @return names of weights of linear layers; none unless a backend has forms of few enough bits
   */
  default Set<String> calibrated(LoadRequest request) {
    return Set.of();
  }

  /**
   * The same weights in the same forms as {@link #prepare(LoadRequest)}, where those of {@link
   * #calibrated} are rounded so that their layers' results on samples stay near what they are.
   *
   * @param request what would be loaded and how
   * @param inputs samples of what layers are given; read while weights are written
   * @return each weight once in each form; nothing has been converted yet
   * @throws BackendUnavailableException if it cannot store what it makes of them
   */
  default List<PreparedWeight> prepare(LoadRequest request, LayerInputs inputs) {
    return prepare(request);
  }

  /**
   * Whether {@link #load} can use weights of a bundle.
   *
   * @param form one of {@link PreparedWeight#form}
   * @return false, unless a backend prepares weights in forms of its own; ordinary tensors are read
   *     by all
   */
  default boolean reads(String form) {
    return false;
  }

  /**
   * Opens a model for training. The caller owns and closes it.
   *
   * @param request what is trained, and where
   * @return the model, whose parameters are the checkpoint's; changes of low rank are 0 until they
   *     are {@linkplain TrainingModel#restore set}
   * @throws BackendUnavailableException if this backend cannot train; says which one can
   * @throws CheckpointException if a tensor is missing or has another shape than its configuration,
   *     or the checkpoint is of a kind that is not trained
   */
  default TrainingModel openTraining(TrainingRequest request) {
    throw new BackendUnavailableException(
        id() + ": training: expected a backend that has gradients, such as djl, found " + id());
  }

  /**
   * Loads a model. The caller owns and closes it. Names and shapes of all weights have been checked
   * when it returns; a part that is not needed for the first image may go on opening, and then the
   * first call that needs it waits, and throws what is thrown here.
   *
   * @param request what to load and how
   * @return the model
   * @throws CheckpointException if a tensor is missing or has another shape than its configuration
   * @throws BackendUnavailableException if the device cannot be used
   */
  LoadedModel load(LoadRequest request);
}
