package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which tensors a directory stores: those of safetensors files, or where there are none those of
 * PyTorch's own {@code .bin} files. Headers only. For one thread.
 */
final class WeightReader {
  private static final String INDEX = ".index.json";

  private final Path directory;
  private final Supplier<Path> cache;
  private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> aliases = new LinkedHashMap<>();

  private WeightReader(Path directory, Supplier<Path> cache) {
    this.directory = directory;
    this.cache = cache;
  }

  /**
   * Reads the headers of the first of some files that is there, itself or in shards with an index.
   *
   * @param names of files, the preferred one first
   * @return tensors by name; those that were left out because they are stored under another name
   *     come last
   */
  static Map<String, WeightTensor> read(Path directory, List<String> names, Supplier<Path> cache) {
    WeightReader reader = new WeightReader(directory, cache);
    for (String name : names) {
      if (reader.found(name)) {
        return reader.named();
      }
    }
    throw new CheckpointException(
        String.format(
            Locale.ROOT,
            "%s: expected %s or %s%s, found none of them",
            directory,
            String.join(" or ", names),
            names.get(0),
            INDEX));
  }

  private boolean found(String name) {
    Path index = directory.resolve(name + INDEX);
    if (Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
      tensors.putAll(header(name));
      return true;
    }
    if (Files.exists(index, LinkOption.NOFOLLOW_LINKS)) {
      readShards(Json.read(index));
      return true;
    }
    return false;
  }

  private Map<String, WeightTensor> named() {
    aliases.forEach(
        (name, kept) -> {
          WeightTensor tensor = tensors.get(kept);
          if (tensor != null) {
            tensors.putIfAbsent(name, tensor.renamed(name));
          }
        });
    return tensors;
  }

  private Map<String, WeightTensor> header(String name) {
    Path file = real(directory.resolve(name));
    if (name.endsWith(".bin")) {
      return TorchFile.read(file, cache);
    }
    aliases.putAll(Safetensors.metadata(file));
    return Safetensors.read(file);
  }

  private void readShards(Json index) {
    Map<String, String> fileOf = new LinkedHashMap<>();
    Json map = index.at("weight_map");
    map.keys().forEach(tensor -> fileOf.put(tensor, shardName(map, tensor)));
    if (fileOf.isEmpty()) {
      throw new CheckpointException(index.where() + ": weight_map: expected tensors, found none");
    }
    Map<String, Map<String, WeightTensor>> shards = new LinkedHashMap<>();
    for (String shard : new LinkedHashSet<>(fileOf.values())) {
      shards.put(shard, header(shard));
    }
    List<String> missing = new ArrayList<>();
    fileOf.forEach(
        (name, shard) -> {
          WeightTensor tensor = shards.getOrDefault(shard, Map.of()).get(name);
          if (tensor == null) {
            missing.add(name + " in " + shard);
          } else {
            tensors.put(name, tensor);
          }
        });
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          index.where() + ": expected " + missing.get(0) + ", found no such tensor there");
    }
  }

  /** A shard is a file beside its index: a name with a path in it could point anywhere. */
  private static String shardName(Json map, String tensor) {
    String name = map.isText(tensor) ? map.text(tensor) : "";
    if (name.isEmpty()
        || name.contains("/")
        || name.contains("\\")
        || name.equals("..")
        || name.indexOf('\0') >= 0) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: %s: expected a file name, found %s",
              map.where(),
              tensor,
              map.shown(tensor)));
    }
    return name;
  }

  static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new CheckpointException(
          file + ": expected a file of weights, found none, or a link that leads nowhere", e);
    }
  }
}
