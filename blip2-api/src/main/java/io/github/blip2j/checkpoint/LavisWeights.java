package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The weights of BLIP-2's first stage as LAVIS stores them: {@code blip2_pretrained.pth} with the
 * Q-Former, and the vision encoder in a file of its own ({@code eva_vit_g.pth}, {@code
 * clip_vit_L.pth}) unless it was trained too. They are given the names of Transformers, and the
 * biases that those names expect: ViT-g's of queries and values with none for keys between them,
 * and none for the patches of CLIP. For one thread.
 */
final class LavisWeights {
  private static final String QFORMER = "Qformer.";
  private static final String VISION = "visual_encoder.";
  private static final String LAYERS = "vision_model.encoder.layers.";
  private static final String PATCHES = "vision_model.embeddings.patch_embedding.";
  private static final int PIECE = 1 << 20;

  private final Path directory;
  private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();
  private final List<Biases> biases = new ArrayList<>();

  /** A bias to be written: of queries, keys (zeros) and values, or zeros alone. */
  private record Biases(String name, @Nullable WeightTensor query, WeightTensor value) {
    SafetensorsWriter.Entry entry() {
      long size = value.shape().get(0);
      return new SafetensorsWriter.Entry(name, DType.F32, List.of(query == null ? size : 3 * size));
    }

    void write(SafetensorsWriter writer) {
      int size = value.size(0);
      float[] none = new float[size];
      if (query == null) {
        writer.write(none, size, DType.F32);
        return;
      }
      query.stream(PIECE, (floats, count) -> writer.write(floats, count, DType.F32));
      writer.write(none, size, DType.F32);
      value.stream(PIECE, (floats, count) -> writer.write(floats, count, DType.F32));
    }
  }

  private LavisWeights(Path directory) {
    this.directory = directory;
  }

  /** Whether a directory has such files, and none as Transformers stores them. */
  static boolean lieIn(Path directory) {
    for (String name : List.of("model.safetensors", "pytorch_model.bin")) {
      if (Files.exists(directory.resolve(name))
          || Files.exists(directory.resolve(name + ".index.json"))) {
        return false;
      }
    }
    return !files(directory).isEmpty();
  }

  private static List<Path> files(Path directory) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.pth")) {
      found.forEach(files::add);
    } catch (IOException e) {
      throw CheckpointException.unreadable(directory, e);
    }
    files.sort(null);
    return files;
  }

  /**
   * The tensors of such files: of the one with the Q-Former, and of others if that has no vision
   * encoder.
   *
   * @param layers of the vision encoder; the one behind them, which LAVIS drops, is left out
   * @param cache gives the folder for biases that are put together
   * @return tensors by the names of Transformers
   * @throws CheckpointException if a file is damaged, a part is missing or two files have a
   *     Q-Former; names expected and found
   */
  static Map<String, WeightTensor> read(Path directory, int layers, Supplier<Path> cache) {
    Map<Path, List<WeightTensor>> stored = new LinkedHashMap<>();
    files(directory).forEach(file -> stored.put(file, Weights.ofTorch(file, cache).all()));
    LavisWeights weights = new LavisWeights(directory);
    weights.add(stored);
    weights.tensors.keySet().removeIf(name -> name.startsWith(LAYERS + layers + "."));
    weights.require();
    weights.collectBiases(layers);
    weights.writeBiases(cache);
    return weights.tensors;
  }

  /** Those of some files by the names of Transformers. */
  static Map<String, WeightTensor> named(Path directory, Map<Path, List<WeightTensor>> stored) {
    LavisWeights weights = new LavisWeights(directory);
    weights.add(stored);
    return weights.tensors;
  }

  /** Of one file with the Q-Former; others have the vision encoder that it may lack. */
  private void add(Map<Path, List<WeightTensor>> stored) {
    List<Path> models = new ArrayList<>();
    List<WeightTensor> others = new ArrayList<>();
    stored.forEach(
        (file, all) -> {
          if (all.stream().anyMatch(t -> t.name().startsWith(QFORMER))) {
            models.add(file);
            all.forEach(t -> add(t, t.name()));
          } else {
            others.addAll(all);
          }
        });
    if (models.size() > 1) {
      throw new CheckpointException(
          directory
              + ": expected one file with the Q-Former, found "
              + models.get(0).getFileName()
              + " and "
              + models.get(1).getFileName()
              + "; leave the one that is meant");
    }
    if (!hasVision()) { // else it was trained, and what lies beside it is what it was before
      others.forEach(t -> add(t, VISION + t.name()));
    }
  }

  private boolean hasVision() {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith(LAYERS));
  }

  private void add(WeightTensor tensor, String name) {
    if (LavisNames.isOfSecondStage(name)) {
      throw new CheckpointException(
          directory
              + ": expected weights of BLIP-2's first stage, found "
              + name
              + " of the second, whose language model is not in the file: use the checkpoint that"
              + " Transformers' names are for, such as Salesforce/blip2-opt-2.7b");
    }
    String renamed = LavisNames.renamed(name);
    if (!renamed.isEmpty()) {
      tensors.put(renamed, LavisNames.shaped(tensor.renamed(renamed)));
    }
  }

  private void require() {
    if (!tensors.containsKey("query_tokens")) {
      throw new CheckpointException(
          directory + ": expected query_tokens in a .pth file of LAVIS, found none");
    }
    if (!hasVision()) {
      throw new CheckpointException(
          directory
              + ": expected the vision encoder's weights beside the Q-Former's, such as"
              + " eva_vit_g.pth or clip_vit_L.pth, found none");
    }
  }

  private void collectBiases(int layers) {
    for (int i = 0; i < layers; i++) {
      String attention = LAYERS + i + ".self_attn.";
      WeightTensor query = tensors.remove(attention + "q_bias");
      WeightTensor value = tensors.remove(attention + "v_bias");
      if (query != null && value != null && query.shape().equals(value.shape())) {
        biases.add(new Biases(attention + "qkv.bias", query, value));
      }
    }
    WeightTensor patches = tensors.get(PATCHES + "weight");
    if (patches != null && !tensors.containsKey(PATCHES + "bias")) {
      biases.add(new Biases(PATCHES + "bias", null, patches));
    }
  }

  private void writeBiases(Supplier<Path> cache) {
    if (biases.isEmpty()) {
      return;
    }
    WeightFiles sources = WeightFiles.holding(tensors.values());
    Path file = cache.get().resolve("lavis").resolve(key() + ".safetensors");
    DerivedFile.open(file, sources, () -> write(file)).forEach(t -> tensors.put(t.name(), t));
  }

  private long write(Path file) {
    List<SafetensorsWriter.Entry> entries = biases.stream().map(Biases::entry).toList();
    Map<String, String> about = Map.of("stage", "biases", "checkpoint", directory.toString());
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, about)) {
      biases.forEach(bias -> bias.write(writer));
      writer.commit();
      return writer.checksum();
    }
  }

  private String key() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) 1); // version
      for (Biases bias : biases) {
        bias.value().digest(digest);
        if (bias.query() != null) {
          bias.query().digest(digest);
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
