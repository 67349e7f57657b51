package io.github.blip2j.checkpoint;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small file of tensors as bitsandbytes stores them, of which a test may spoil any. */
final class PackedFile {
  static final float[] NF4 = {
    -1f, -0.6961928f, -0.52507305f, -0.3949175f, -0.28444138f, -0.18477343f, -0.091050036f, 0f,
    0.0795803f, 0.1609302f, 0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f, 1f
  };

  private final Map<String, SafetensorsWriter.Entry> entries = new LinkedHashMap<>();
  private final Map<String, byte[]> data = new LinkedHashMap<>();

  /** Replaces it if it is there. */
  PackedFile put(String name, DType dtype, List<Long> shape, byte[] bytes) {
    entries.put(name, new SafetensorsWriter.Entry(name, dtype, shape));
    data.put(name, bytes);
    return this;
  }

  PackedFile bytes(String name, DType dtype, List<Long> shape, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return put(name, dtype, shape, bytes);
  }

  PackedFile floats(String name, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return put(name, DType.F32, List.of((long) values.length), bytes.array());
  }

  PackedFile text(String name, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return put(name, DType.U8, List.of((long) bytes.length), bytes);
  }

  PackedFile without(String name) {
    entries.remove(name);
    data.remove(name);
    return this;
  }

  /** Two rows of three in eight bits under {@code a}, and a plain tensor. */
  static PackedFile rows() {
    return new PackedFile()
        .floats("plain", 7)
        .bytes("a.weight", DType.I8, List.of(2L, 3L), 127, -127, 64, 1, 0, -2)
        .floats("a.SCB", 2, 0.5f)
        .bytes("a.weight_format", DType.U8, List.of(), 0);
  }

  /** Sixteen numbers in NF4 under {@code b}, as bitsandbytes 0.49 packs and a GPU unpacks them. */
  static PackedFile blocks() {
    return new PackedFile()
        .bytes("b.weight", DType.U8, List.of(8L, 1L), 110, 90, 88, 44, 228, 163, 9, 25)
        .floats("b.weight.absmax", 0.03125f)
        .floats("b.weight.quant_map", NF4)
        .text(
            "b.weight.quant_state.bitsandbytes__nf4",
            "{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"bfloat16\", \"shape\": [2, 8]}");
  }

  /** The same with double quantisation: codes 0 and 255 of a table from −1 to 1. */
  static PackedFile nested() {
    float[] table = new float[256];
    for (int i = 0; i < table.length; i++) {
      table[i] = -1 + 2 * i / 255f;
    }
    return blocks()
        .bytes("b.weight.absmax", DType.U8, List.of(2L), 255, 0)
        .floats("b.weight.nested_absmax", 0.25f)
        .floats("b.weight.nested_quant_map", table)
        .text(
            "b.weight.quant_state.bitsandbytes__nf4",
            "{\"quant_type\": \"nf4\", \"blocksize\": 8, \"dtype\": \"float32\", \"shape\": [2, 8],"
                + " \"nested_blocksize\": 256, \"nested_dtype\": \"float32\","
                + " \"nested_offset\": 0.75}");
  }

  Map<String, WeightTensor> write(Path file) {
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, new ArrayList<>(entries.values()))) {
      data.values().forEach(bytes -> writer.write(ByteBuffer.wrap(bytes)));
      writer.commit();
    }
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    Weights.ofFile(file).all().forEach(t -> tensors.put(t.name(), t));
    return tensors;
  }
}
