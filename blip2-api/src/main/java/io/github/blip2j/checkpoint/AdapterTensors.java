package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An adapter's tensors by what they change. Source of the names: PEFT, {@code
 * peft/utils/save_and_load.py}.
 *
 * @param weights all of them, by the names in the file
 * @param changes for each module's name the names of the parts of its change: {@code A}, {@code B},
 *     {@code bias}, {@code embedding_A}, {@code embedding_B}, {@code magnitude}
 * @param whole tensors that stand in place of the checkpoint's, by the checkpoint's names
 */
record AdapterTensors(
    Weights weights, Map<String, Map<String, String>> changes, Map<String, WeightTensor> whole) {
  private static final int PIECE = 1 << 20;
  private static final String PREFIX = "base_model.model.";
  private static final Pattern FACTOR =
      Pattern.compile("(.+)\\.lora_([AB])(?:\\.default)?\\.(weight|bias)");
  private static final Pattern EMBEDDING =
      Pattern.compile("(.+)\\.lora_(embedding_[AB])(?:\\.default)?");
  private static final Pattern MAGNITUDE =
      Pattern.compile("(.+)\\.lora_magnitude_vector(?:\\.default)?(?:\\.weight)?");
  private static final Pattern WRAPPED =
      Pattern.compile("\\.(?:base_layer|modules_to_save(?:\\.default)?)(?=\\.)");

  /**
   * Reads the headers of an adapter's file.
   *
   * @throws CheckpointException if there is none, it is damaged, or it has tensors that are not of
   *     LoRA
   */
  static AdapterTensors read(Path directory, Path cache) {
    Weights weights = Weights.ofAdapter(directory, () -> cache);
    AdapterTensors sorted =
        new AdapterTensors(weights, new LinkedHashMap<>(), new LinkedHashMap<>());
    weights.all().forEach(t -> sorted.sort(directory, t));
    if (sorted.changes.isEmpty()) {
      throw new CheckpointException(
          directory + ": expected tensors of LoRA, found " + weights.all().size() + " others");
    }
    return sorted;
  }

  private void sort(Path directory, WeightTensor tensor) {
    String name = tensor.name();
    String path = name;
    while (path.startsWith(PREFIX)) { // twice where an adapter was made of an adapter
      path = path.substring(PREFIX.length());
    }
    Matcher factor = FACTOR.matcher(path);
    Matcher embedding = EMBEDDING.matcher(path);
    Matcher magnitude = MAGNITUDE.matcher(path);
    if (name.equals(path)) {
      throw refused(directory, name);
    } else if (factor.matches()) {
      boolean bias = factor.group(3).equals("bias");
      add(factor.group(1), bias ? factor.group(2) + " bias" : factor.group(2), name);
    } else if (embedding.matches()) {
      add(embedding.group(1), embedding.group(2), name);
    } else if (magnitude.matches()) {
      add(magnitude.group(1), "magnitude", name);
    } else if (path.contains("lora_")) {
      throw refused(directory, name);
    } else {
      String whole = WRAPPED.matcher(path).replaceAll("");
      this.whole.put(whole, tensor.renamed(whole));
    }
  }

  private static CheckpointException refused(Path directory, String name) {
    return new CheckpointException(
        directory
            + ": expected "
            + PREFIX
            + " and the tensors of LoRA, DoRA or whole modules, found "
            + name);
  }

  private void add(String module, String part, String name) {
    changes.computeIfAbsent(module, m -> new LinkedHashMap<>()).put(part, name);
  }

  /** What tells these tensors from others: all of their bytes. */
  void digest(MessageDigest digest) {
    for (WeightTensor tensor : weights.all()) {
      String header = tensor.name() + tensor.dtype() + tensor.shape();
      digest.update(header.getBytes(StandardCharsets.UTF_8));
      tensor.pieces(PIECE, digest::update); // whole modules may be too large to be mapped
    }
  }
}
