package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Puts the numbers in the place of weights that bitsandbytes quantised: they are computed once and
 * kept in a derived file, eight bits as float32 and NF4 in the type that was quantised. Programs,
 * backends and precisions see a checkpoint like any other. Source: bitsandbytes, {@code
 * functional.py}, {@code int8_vectorwise_dequant} and {@code dequantize_4bit}.
 */
final class Unpacking {
  private static final List<String> PACKED_OTHERWISE = List.of(".qweight", ".qzeros");

  private Unpacking() {}

  /**
   * All weights as ordinary tensors.
   *
   * @param stored tensors by name
   * @param cache gives the folder for the derived file; asked only where there is a packed weight
   * @return the same, in their order, with packed weights unpacked
   * @throws CheckpointException if one is packed in another way, or its parts do not fit
   */
  static Map<String, WeightTensor> unpacked(
      Map<String, WeightTensor> stored, Supplier<Path> cache) {
    List<PackedWeight> packed = new ArrayList<>();
    for (String name : stored.keySet()) {
      PACKED_OTHERWISE.stream().filter(name::endsWith).forEach(end -> refuse(name));
      int state = name.indexOf(PackedBlocks.STATE);
      if (name.endsWith(PackedRows.SCALES)) {
        packed.add(PackedRows.of(stored, before(name, PackedRows.SCALES.length())));
      } else if (state > 0) {
        String kind = name.substring(state + PackedBlocks.STATE.length());
        packed.add(PackedBlocks.of(stored, name.substring(0, state), kind));
      }
    }
    return packed.isEmpty() ? stored : replaced(stored, packed, cache.get());
  }

  private static String before(String name, int end) {
    return name.substring(0, name.length() - end);
  }

  private static void refuse(String name) {
    throw new CheckpointException(
        name
            + ": expected ordinary weights or bitsandbytes', found ones that GPTQ or AWQ packed,"
            + " which this library does not read: use the checkpoint that was quantised, with"
            + " precision int4");
  }

  private static Map<String, WeightTensor> replaced(
      Map<String, WeightTensor> stored, List<PackedWeight> packed, Path cache) {
    WeightFiles sources = WeightFiles.holding(stored.values());
    Path file = cache.resolve("unpacked").resolve(key(stored, packed) + ".safetensors");
    Map<String, WeightTensor> unpacked = new LinkedHashMap<>(stored);
    packed.forEach(p -> p.parts().subList(1, p.parts().size()).forEach(unpacked::remove));
    DerivedFile.open(file, sources, () -> write(file, packed))
        .forEach(t -> unpacked.put(t.name(), t));
    return unpacked;
  }

  private static long write(Path file, List<PackedWeight> packed) {
    List<SafetensorsWriter.Entry> entries = packed.stream().map(PackedWeight::entry).toList();
    Map<String, String> about = Map.of("stage", "weights that bitsandbytes quantised");
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, about)) {
      packed.forEach(p -> p.write(writer));
      writer.commit();
      return writer.checksum();
    }
  }

  /** A digest of all parts, of large ones the beginning; scales are small. */
  private static String key(Map<String, WeightTensor> stored, List<PackedWeight> packed) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((byte) 1); // version
      for (PackedWeight weight : packed) {
        weight.parts().forEach(p -> Objects.requireNonNull(stored.get(p)).digest(digest));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
