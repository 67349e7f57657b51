package io.github.blip2j.onnx;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.onnx.graph.OnnxGraph.FilePart;
import io.github.blip2j.stage.NormFold;
import io.github.blip2j.stage.WeightUses;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the runtime finds each weight: in the checkpoint's own file, or in a prepared one. ONNX
 * Runtime refuses files outside the folder that it is given and symbolic links that leave it, so
 * all paths are real ones under one common folder.
 */
final class WeightPlaces {
  private final StageForms forms;
  private final Path folder;
  private final Function<Request, Stored> stored;

  private WeightPlaces(StageForms forms, Path folder, Function<Request, Stored> stored) {
    this.forms = forms;
    this.folder = folder;
    this.stored = stored;
  }

  /** Makes a stage's graph, which names places. */
  interface Compiler {
    byte[] compile(WeightPlaces places);
  }

  /**
   * A weight in a form.
   *
   * @param fold what its channels or columns are scaled by, or none
   */
  record Request(WeightTensor weight, WeightForm form, @Nullable NormFold fold) {
    private static final String FOLDED = "_folded";

    /** A weight whose numbers are the checkpoint's. */
    Request(WeightTensor weight, WeightForm form) {
      this(weight, form, null);
    }

    /** The form's name in names of tensors. */
    String label() {
      return fold == null ? form.label() : form.label() + FOLDED;
    }

    /** Every label that there is. */
    static List<String> labels() {
      return WeightForm.names().stream().flatMap(n -> Stream.of(n, n + FOLDED)).toList();
    }
  }

  /**
   * Where it is.
   *
   * @param scales of a quantised weight; else the same as the values
   */
  record Stored(WeightTensor values, WeightTensor scales) {}

  /** What a stage asks for, each once: linear layers and tables in their forms, else float32. */
  static Set<Request> requests(WeightUses uses, StageForms forms) {
    Set<Request> requests = new LinkedHashSet<>();
    Map<String, NormFold> norms = new LinkedHashMap<>();
    Map<String, NormFold> layers = new LinkedHashMap<>();
    for (NormFold fold : uses.folds()) {
      if (fold.linear().stream().allMatch(w -> forms.linear().of(w).quantized())) {
        fold.linear().forEach(w -> layers.put(w.name(), fold));
        fold.norm().forEach(w -> norms.put(w.name(), fold));
      }
    }
    uses.linear()
        .forEach(w -> requests.add(new Request(w, forms.linear().of(w), layers.get(w.name()))));
    uses.inFloat32()
        .forEach(
            w ->
                requests.add(
                    new Request(w, forms.linear().of(w).inFloat32(), layers.get(w.name()))));
    uses.tables().forEach(w -> requests.add(new Request(w, forms.tables())));
    uses.others()
        .forEach(w -> requests.add(new Request(w, WeightForm.FLOAT32, norms.get(w.name()))));
    return requests;
  }

  /** Known places. */
  static WeightPlaces of(StageForms forms, Map<Request, Stored> stored) {
    Map<Request, Stored> copy = new LinkedHashMap<>(); // a stage has one fold of a weight at most
    stored.forEach((request, at) -> copy.put(new Request(request.weight(), request.form()), at));
    Path common = commonFolder(copy.values().stream().map(s -> s.values().file()).toList());
    return new WeightPlaces(
        forms,
        common,
        request -> {
          Stored found = copy.get(request);
          if (found == null) {
            throw new IllegalStateException(
                "expected a weight that the stage uses, found " + request);
          }
          return found;
        });
  }

  private static Path commonFolder(Collection<Path> files) {
    Path first = files.iterator().next();
    Path common = first;
    for (Path file : files) {
      while (!file.startsWith(common) || common.equals(file)) {
        Path parent = common.getParent();
        if (parent == null) {
          throw new CheckpointException(
              String.format(
                  Locale.ROOT, "expected all weights on one drive, found %s and %s", first, file));
        }
        common = parent;
      }
    }
    return common;
  }

  /** The folder that every location is relative to. */
  Path folder() {
    return folder;
  }

  /** Which form a linear layer's weight has. */
  WeightForm form(WeightTensor weight) {
    return forms.linear().of(weight);
  }

  /** Whether products of a quantised weight round activations. */
  boolean roundsActivations() {
    return forms.linear().roundsActivations();
  }

  /** Which form a table has. */
  WeightForm tables() {
    return forms.tables();
  }

  /** A weight as float32. */
  FilePart place(WeightTensor tensor) {
    return place(tensor, WeightForm.FLOAT32);
  }

  /** A weight in a form without scales. */
  FilePart place(WeightTensor tensor, WeightForm form) {
    return placed(stored.apply(new Request(tensor, form)).values(), folder);
  }

  /** Values and scales of a quantised weight. */
  List<FilePart> quantized(WeightTensor tensor, WeightForm form) {
    Stored found = stored.apply(new Request(tensor, form));
    return List.of(placed(found.values(), folder), placed(found.scales(), folder));
  }

  private static FilePart placed(WeightTensor stored, Path folder) {
    Path relative =
        stored.file().startsWith(folder) ? folder.relativize(stored.file()) : stored.file();
    String location = relative.toString().replace('\\', '/');
    return new FilePart(location, stored.offset(), stored.bytes());
  }
}
