package io.github.blip2j.onnx;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.onnx.graph.OnnxGraph.FilePart;
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

  /** A weight in a form. */
  record Request(WeightTensor weight, WeightForm form) {}

  /**
   * Where it is.
   *
   * @param scales of a quantised weight; else the same as the values
   */
  record Stored(WeightTensor values, WeightTensor scales) {}

  /** What a stage asks for, each once: linear layers and tables in their forms, else float32. */
  static Set<Request> requests(WeightUses uses, StageForms forms) {
    Set<Request> requests = new LinkedHashSet<>();
    uses.linear().forEach(w -> requests.add(new Request(w, forms.linear().of(w))));
    uses.inFloat32().forEach(w -> requests.add(new Request(w, forms.linear().of(w).inFloat32())));
    uses.tables().forEach(w -> requests.add(new Request(w, forms.tables())));
    uses.others().forEach(w -> requests.add(new Request(w, WeightForm.FLOAT32)));
    return requests;
  }

  /** Known places. */
  static WeightPlaces of(StageForms forms, Map<Request, Stored> stored) {
    Map<Request, Stored> copy = new LinkedHashMap<>(stored);
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
