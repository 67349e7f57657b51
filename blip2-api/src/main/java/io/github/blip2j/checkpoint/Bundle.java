package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.WeightTensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that was converted: its weights lie in the forms in which a backend uses them, and
 * {@code bundle.json} says which, where they come from and what every file of the directory was.
 * The layout is in {@code docs/bundles.md}. Immutable; safe for many threads.
 */
public final class Bundle {
  /** The layout that is written, and the only one that is read. */
  public static final int LAYOUT = 1;

  static final String FILE = "bundle.json";
  static final String CALIBRATION = "calibration";

  private final Path directory;
  private final About about;
  private final Map<String, Prepared> prepared;
  private final Map<String, WeightTensor> stored;

  private Bundle(
      Path directory,
      About about,
      Map<String, Prepared> prepared,
      Map<String, WeightTensor> stored) {
    this.directory = directory;
    this.about = about;
    this.prepared = prepared;
    this.stored = stored;
  }

  /**
   * Where a bundle comes from.
   *
   * @param model name of the checkpoint, {@code owner/name} or that of its directory
   * @param revision of it on the Hub; "" of a directory
   * @param licence of the weights as their model card names it; {@code unknown} if none does
   */
  public record Origin(String model, String revision, String licence) {
    /**
     * Notes where a checkpoint is from; of a directory the last name only.
     *
     * @param model as the user named it
     * @param revision on the Hub
     * @param checkpoint that was found by that name
     * @return the note
     * @throws CheckpointException if its model card cannot be read
     */
    public static Origin of(String model, String revision, Checkpoint checkpoint) {
      Path directory = checkpoint.directory();
      boolean local = directory.equals(Path.of(model));
      Path last = directory.toAbsolutePath().normalize().getFileName();
      return new Origin(
          local && last != null ? last.toString() : model,
          local ? "" : revision,
          ModelCard.licence(directory));
    }
  }

  /**
   * Where a bundle comes from and how it was made.
   *
   * @param origin the checkpoint
   * @param backend that prepared its weights
   * @param precisions of the stages
   * @param calibration what weights were rounded for; null if for nothing in particular
   */
  public record About(
      Origin origin, String backend, Precisions precisions, @Nullable Calibrated calibration) {
    /**
     * Of one whose weights were rounded for nothing in particular.
     *
     * @param origin the checkpoint
     * @param backend that prepared its weights
     * @param precisions of the stages
     */
    public About(Origin origin, String backend, Precisions precisions) {
      this(origin, backend, precisions, null);
    }
  }

  /**
   * What weights were rounded for.
   *
   * @param images that were shown
   * @param texts that were read and written about them
   */
  public record Calibrated(int images, int texts) {
    @Override
    public String toString() {
      return "calibrated on " + images + " images and " + texts + " texts";
    }
  }

  /**
   * What a bundle is made of.
   *
   * @param checkpoint whose settings are copied
   * @param about where it comes from and how it is made
   * @param weights in the order in which they are written
   */
  public record Contents(Checkpoint checkpoint, About about, List<PreparedWeight> weights) {
    /** Copies the list. */
    public Contents {
      weights = List.copyOf(weights);
    }

    /**
     * Writes a bundle, which appears when all of it is on the disk.
     *
     * @param output the folder to make
     * @param listener is told of {@code converting weights}, in bytes that are written
     * @throws CheckpointException if something is there already, the disk has not the room, or a
     *     file cannot be read or written; nothing is left then
     */
    public void write(Path output, LoadListener listener) {
      new BundleWriter(this).write(output, listener);
    }
  }

  /**
   * Demands that a bundle can be written to a place.
   *
   * @param output the folder that will be made
   * @throws CheckpointException if something is there
   */
  public static void requireFree(Path output) {
    NewFolder.requireFree(output.toAbsolutePath().normalize());
  }

  /** A weight's own shape, and the forms in which it is there. */
  record Prepared(List<Long> shape, List<String> forms) {}

  /**
   * Reads what a directory says of itself, before anything else of it is read.
   *
   * @return null if it is no bundle
   * @throws CheckpointException if it has another layout or a file of it is not what was written
   */
  static @Nullable Json describedBy(Path directory) {
    Json json = Json.find(directory.resolve(FILE)).orElse(null);
    if (json == null) {
      return null;
    }
    int layout = json.positive("layout", 0);
    if (layout != LAYOUT) {
      throw new CheckpointException(
          json.where()
              + ": layout: expected "
              + LAYOUT
              + ", which this version of the library reads, found "
              + layout
              + ", written by "
              + json.text("written_by", "a version that does not say")
              + "; use that version, or convert the original checkpoint again");
    }
    BundleFiles.check(directory, json.at("files"));
    return json;
  }

  /** The bundle of a description and the tensors that it has. */
  static Bundle of(Path directory, Json json, Map<String, WeightTensor> stored) {
    Json weights = json.at("weights");
    Map<String, Prepared> prepared = new LinkedHashMap<>();
    for (String name : weights.keys()) {
      Json weight = weights.at(name);
      prepared.put(name, new Prepared(weight.longs("shape"), weight.texts("forms", List.of())));
    }
    return new Bundle(directory, about(json), prepared, stored);
  }

  private static About about(Json json) {
    Json precisions = json.at("precisions");
    Json source = json.at("source");
    return new About(
        new Origin(
            source.text("model"), source.text("revision", ""), json.text("licence", "unknown")),
        json.text("backend"),
        new Precisions(
            precision(precisions, "vision"),
            precision(precisions, "qformer"),
            precision(precisions, "language")),
        calibrated(json));
  }

  private static @Nullable Calibrated calibrated(Json json) {
    return json.keys().contains(CALIBRATION)
        ? new Calibrated(
            json.at(CALIBRATION).positive("images", 0), json.at(CALIBRATION).positive("texts", 0))
        : null;
  }

  private static Precision precision(Json json, String stage) {
    try {
      return Precision.parse(json.text(stage));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(json.where() + ": " + stage + ": " + e.getMessage(), e);
    }
  }

  /** Weights under the names and with the shapes of the checkpoint that they come from. */
  Map<String, WeightTensor> weights() {
    Map<String, WeightTensor> weights = new LinkedHashMap<>(stored);
    prepared.forEach(
        (name, weight) ->
            weight
                .forms()
                .forEach(
                    form -> {
                      weights.remove(PreparedWeight.name(name, form));
                      weights.remove(PreparedWeight.scales(name, form));
                    }));
    prepared.forEach(
        (name, weight) -> {
          if (!weights.containsKey(name)) {
            weights.put(name, only(name, weight));
          }
        });
    return weights;
  }

  private WeightTensor only(String name, Prepared weight) {
    String first = weight.forms().isEmpty() ? "" : weight.forms().get(0);
    WeightTensor values = find(PreparedWeight.name(name, first));
    if (values == null) {
      throw new CheckpointException(
          directory + ": " + name + ": expected its values as \"" + first + "\", found none");
    }
    return new WeightTensor(
        name, DType.PREPARED, weight.shape(), values.file(), values.offset(), values.bytes());
  }

  /**
   * Where it comes from and how it was made.
   *
   * @return what was noted then
   */
  public About about() {
    return about;
  }

  /**
   * The forms that a backend must read to use it.
   *
   * @return names that backends gave them; none where all weights are ordinary tensors
   */
  public Set<String> forms() {
    Set<String> forms = new LinkedHashSet<>();
    prepared.values().forEach(w -> forms.addAll(w.forms()));
    return forms;
  }

  /**
   * A tensor by the name under which it is stored, which has the form's in it.
   *
   * @param name as {@link PreparedWeight#name} and {@link PreparedWeight#scales} make it
   * @return where it is; null if it is not there
   */
  public @Nullable WeightTensor find(String name) {
    return stored.get(name);
  }

  /**
   * Demands that a weight can be made into a form, because it is there as an ordinary tensor.
   *
   * @param weight of this bundle
   * @param form what is wanted and not there
   * @throws CheckpointException if it is there in other prepared forms only
   */
  public void requireReadable(WeightTensor weight, String form) {
    Prepared found = prepared.get(weight.name());
    if (weight.dtype() == DType.PREPARED && found != null) {
      throw new CheckpointException(
          String.format(
              java.util.Locale.ROOT,
              "%s: %s: expected it as %s, found %s; load the bundle with its own precisions, %s, or"
                  + " use the checkpoint that it was made of",
              directory,
              weight.name(),
              form,
              found.forms(),
              about.precisions().label()));
    }
  }

  @Override
  public String toString() {
    String made = "bundle of " + about.origin().model() + " in " + about.precisions().label();
    Calibrated calibration = about.calibration();
    return calibration == null ? made : made + ", " + calibration;
  }
}
