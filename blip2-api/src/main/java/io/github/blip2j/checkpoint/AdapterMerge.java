package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Merges a PEFT adapter into a checkpoint's weights: what it changes is computed once and kept in a
 * file in float32, what it replaces is used where it lies. Programs, backends and precisions see a
 * checkpoint like any other.
 */
final class AdapterMerge {
  private static final String LANGUAGE = "language_model.";
  private static final String HEAD = "language_model.lm_head";
  private static final String WEIGHT = ".weight";
  private static final String STAGE = "merging adapter";

  private final Checkpoint base;
  private final AdapterConfig config;
  private final AdapterTensors adapter;
  private final Map<String, WeightTensor> tensors;

  private AdapterMerge(Checkpoint base, AdapterConfig config, AdapterTensors adapter) {
    this.base = base;
    this.config = config;
    this.adapter = adapter;
    this.tensors = Checkpoint.byName(base.weights());
  }

  /** See {@link Checkpoint#withAdapter}. */
  static Checkpoint merged(Checkpoint base, Path directory, Path cache, LoadListener listener) {
    AdapterConfig config = AdapterConfig.read(directory);
    AdapterTensors adapter = AdapterTensors.read(directory, cache);
    WeightFiles sources =
        WeightFiles.of(base.weightFiles()).with(WeightFiles.holding(adapter.weights().all()));
    AdapterMerge merge = new AdapterMerge(base, config, adapter);
    merge.untie();
    adapter.whole().forEach(merge::replace);
    List<MergedWeight> changed = new ArrayList<>();
    adapter.changes().forEach((module, parts) -> merge.change(module, parts, changed));
    String digest = digest(config, adapter);
    Path file = cache.resolve("adapters").resolve(key(base, digest) + ".safetensors");
    DerivedFile.open(file, sources, () -> write(file, about(base, directory), changed, listener))
        .forEach(t -> merge.tensors.put(t.name(), t));
    return base.withWeights(merge.tensors, digest);
  }

  /** A head that is the token table becomes a tensor of its own before either is changed. */
  private void untie() {
    if (!(base.config().head() instanceof TextConfig text) || tensors.containsKey(HEAD + WEIGHT)) {
      return;
    }
    WeightTensor table = tensors.get(LANGUAGE + text.tokenTable().get(0));
    boolean touched =
        touched(HEAD) || text.tokenTable().stream().anyMatch(n -> touched(LANGUAGE + module(n)));
    if (table == null || !touched) {
      return;
    }
    if (config.keepsTies()) {
      throw new CheckpointException(
          config.where()
              + ": ensure_weight_tying: expected false where the token table or the head is"
              + " changed, found true");
    }
    tensors.put(HEAD + WEIGHT, table.renamed(HEAD + WEIGHT));
  }

  private boolean touched(String module) {
    return adapter.changes().containsKey(module) || adapter.whole().containsKey(module + WEIGHT);
  }

  private static String module(String weight) {
    return weight.endsWith(WEIGHT)
        ? weight.substring(0, weight.length() - WEIGHT.length())
        : weight;
  }

  /** The checkpoint's name of a weight: a token table has several. */
  private String stored(String name) {
    if (!tensors.containsKey(name) && base.config().head() instanceof TextConfig text) {
      List<String> names = text.tokenTable();
      if (names.stream().anyMatch(n -> name.equals(LANGUAGE + n))) {
        return LANGUAGE + names.get(0);
      }
    }
    return name;
  }

  private WeightTensor require(String name, String of) {
    WeightTensor tensor = tensors.get(stored(name));
    if (tensor == null) {
      throw new CheckpointException(
          config.where()
              + ": expected changes of weights of "
              + base.directory()
              + ", found "
              + of
              + ", where it has no "
              + name);
    }
    if (!tensor.dtype().isWeight()) {
      throw new CheckpointException(
          tensor.name() + ": expected F32, F16, BF16 or F64 to change, found " + tensor.dtype());
    }
    return tensor;
  }

  private void replace(String name, WeightTensor whole) {
    WeightTensor before = require(name, whole.name());
    if (!before.shape().equals(whole.shape()) || !whole.dtype().isWeight()) {
      throw new CheckpointException(
          config.where()
              + ": "
              + name
              + ": expected "
              + before.shape()
              + " as in "
              + base.directory()
              + ", found "
              + whole.dtype()
              + " "
              + whole.shape());
    }
    tensors.put(before.name(), whole.renamed(before.name()));
  }

  private void change(String module, Map<String, String> parts, List<MergedWeight> changed) {
    config.requireTarget(module);
    AdapterChange change = new AdapterChange(config, adapter.weights(), module, parts);
    add(change.ofWeight(require(module + WEIGHT, module)), changed);
    if (change.hasBias()) {
      add(change.ofBias(require(module + ".bias", module)), changed);
    }
  }

  private void add(MergedWeight weight, List<MergedWeight> changed) {
    String name = weight.base().name();
    if (changed.stream().anyMatch(other -> other.base().name().equals(name))) {
      throw new CheckpointException(
          config.where() + ": expected one change of " + name + ", found two");
    }
    changed.add(weight);
  }

  private static Map<String, String> about(Checkpoint base, Path directory) {
    return Map.of("stage", "adapter " + directory, "checkpoint", base.directory().toString());
  }

  private static long write(
      Path file, Map<String, String> about, List<MergedWeight> changed, LoadListener listener) {
    long total = changed.stream().mapToLong(w -> w.base().bytes()).sum();
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, changed.stream().map(MergedWeight::entry).toList(), about)) {
      long done = 0;
      listener.progress(STAGE, done, total);
      for (MergedWeight weight : changed) {
        weight.write(writer);
        done += weight.base().bytes();
        listener.progress(STAGE, done, total);
      }
      writer.commit();
      return writer.checksum();
    }
  }

  private static String digest(AdapterConfig config, AdapterTensors adapter) {
    MessageDigest digest = sha256();
    try {
      digest.update(Files.readAllBytes(Path.of(config.where())));
    } catch (IOException e) {
      throw CheckpointException.unreadable(Path.of(config.where()), e);
    }
    adapter.digest(digest);
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static String key(Checkpoint base, String adapter) {
    String both = "merged v1 " + base.identity() + " " + adapter;
    byte[] hash = sha256().digest(both.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
