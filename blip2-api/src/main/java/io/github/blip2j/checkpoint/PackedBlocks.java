package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A matrix in four bits (Dettmers et al. 2023, QLoRA): codes of NF4's sixteen numbers, two a byte
 * and the first in its high half, row by row over the whole matrix; and of each block of codes the
 * largest magnitude, {@code w = number(code) · most(block)}, rounded to the type that was
 * quantised. With double quantisation the magnitudes are bytes themselves, of which each stands for
 * a number of a table, times one of a block of them, plus their mean.
 *
 * @param codes half as many bytes as elements
 * @param state its JSON, checked
 * @param most of each block
 * @param parts names of all its tensors
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, not compared
record PackedBlocks(WeightTensor codes, State state, float[] most, List<String> parts)
    implements PackedWeight {
  static final String STATE = ".quant_state.bitsandbytes__";
  private static final String KIND = "nf4";
  private static final int PIECE = 1 << 16; // floats at a time
  private static final float SAME = 1e-6f;
  private static final int MOST_JSON = 1 << 16; // bytes; written ones have some 200
  private static final float[] NUMBERS = {
    -1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
    -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.0f,
    0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
    0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f
  };

  /**
   * What is said of a weight beside its tensors.
   *
   * @param shape of the matrix
   * @param block codes for which there is one magnitude
   * @param dtype of the numbers that were quantised
   */
  record State(List<Long> shape, int block, DType dtype) {
    long elements() {
      return shape.get(0) * shape.get(1);
    }

    long blocks() {
      return (elements() + block - 1) / block;
    }
  }

  /**
   * A weight by its whole name.
   *
   * @param kind what its state's name ends with
   * @throws CheckpointException if it is of another kind, or a part is missing or another
   */
  static PackedBlocks of(Map<String, WeightTensor> stored, String weight, String kind) {
    WeightTensor described = PackedWeight.part(stored, weight + STATE + kind, DType.U8, -1);
    if (!kind.equals(KIND)) {
      throw new CheckpointException(
          described.name() + ": expected a weight in nf4, found one in " + kind);
    }
    if (described.bytes() > MOST_JSON) {
      throw new CheckpointException(
          described.name()
              + ": expected some lines of JSON, found "
              + described.bytes()
              + " bytes");
    }
    ByteBuffer text = ByteBuffer.allocate((int) described.bytes());
    described.read(text);
    Json json = Json.parse(described.name(), text.array());
    State state = state(json);
    WeightTensor codes = PackedWeight.part(stored, weight, DType.U8, (state.elements() + 1) / 2);
    WeightTensor map = PackedWeight.part(stored, weight + ".quant_map", DType.F32, 16);
    float[] numbers = map.floats();
    for (int i = 0; i < numbers.length; i++) {
      if (!(Math.abs(numbers[i] - NUMBERS[i]) <= SAME)) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: expected NF4's numbers, found %s where %s belongs",
                map.name(),
                numbers[i],
                NUMBERS[i]));
      }
    }
    List<String> parts =
        new ArrayList<>(List.of(weight, described.name(), map.name(), weight + ".absmax"));
    float[] most =
        stored.containsKey(weight + ".nested_absmax")
            ? nested(stored, weight, json, state.blocks(), parts)
            : PackedWeight.finite(
                PackedWeight.part(stored, weight + ".absmax", DType.F32, state.blocks()));
    return new PackedBlocks(codes, state, most, parts);
  }

  private static State state(Json json) {
    String kind = json.text("quant_type");
    String type = json.text("dtype");
    DType dtype =
        switch (type) {
          case "float16" -> DType.F16;
          case "bfloat16" -> DType.BF16;
          case "float32" -> DType.F32;
          default ->
              throw new CheckpointException(
                  json.where()
                      + ": dtype: expected float16, bfloat16 or float32, found "
                      + json.shown("dtype"));
        };
    List<Long> shape = json.longs("shape");
    boolean matrix = shape.size() == 2 && shape.stream().allMatch(n -> n > 0 && n < 1 << 24);
    if (!kind.equals(KIND) || !matrix || !json.has("blocksize")) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected quant_type \"nf4\", the shape of a matrix and a blocksize, found %s, %s"
                  + " and %s",
              json.where(),
              json.shown("quant_type"),
              json.shown("shape"),
              json.shown("blocksize")));
    }
    return new State(shape, json.positive("blocksize", 64), dtype);
  }

  /** Magnitudes that were quantised themselves. */
  private static float[] nested(
      Map<String, WeightTensor> stored, String weight, Json json, long blocks, List<String> parts) {
    if (!json.has("nested_blocksize") || !json.has("nested_offset")) {
      throw new CheckpointException(
          json.where() + ": expected nested_blocksize and nested_offset, found them not both");
    }
    int block = json.positive("nested_blocksize", 256);
    float offset = (float) json.number("nested_offset", 0);
    WeightTensor codes = PackedWeight.part(stored, weight + ".absmax", DType.U8, blocks);
    WeightTensor second =
        PackedWeight.part(
            stored, weight + ".nested_absmax", DType.F32, (blocks + block - 1) / block);
    WeightTensor table = PackedWeight.part(stored, weight + ".nested_quant_map", DType.F32, 256);
    parts.addAll(List.of(second.name(), table.name()));
    float[] scales = PackedWeight.finite(second);
    float[] numbers = PackedWeight.finite(table);
    ByteBuffer bytes = codes.map();
    float[] most = new float[Math.toIntExact(blocks)];
    for (int i = 0; i < most.length; i++) {
      most[i] = numbers[bytes.get(i) & 0xff] * scales[i / block] + offset;
    }
    return most;
  }

  @Override
  public SafetensorsWriter.Entry entry() {
    return new SafetensorsWriter.Entry(codes.name(), state.dtype(), state.shape());
  }

  @Override
  public void write(SafetensorsWriter writer) {
    ByteBuffer bytes = codes.map();
    float[] piece = new float[PIECE];
    long all = state.elements();
    for (long from = 0; from < all; from += PIECE) {
      int count = (int) Math.min(PIECE, all - from);
      for (int i = 0; i < count; i++) {
        long at = from + i;
        int pair = bytes.get((int) (at >> 1));
        int code = (at & 1) == 0 ? pair >> 4 & 15 : pair & 15;
        piece[i] = NUMBERS[code] * most[(int) (at / state.block())];
      }
      writer.write(piece, count, state.dtype());
    }
  }
}
