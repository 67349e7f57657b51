package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.function.Consumer;

/**
 * A weight in a form in which a backend uses it, about to be written.
 *
 * @param weight as the checkpoint has it
 * @param form {@link #PLAIN}, or the backend's name of the form, such as {@code int4_block128}
 * @param entries the tensors that it is stored in: one, or values and scales
 * @param data writes the data of the entries, in their order
 */
public record PreparedWeight(
    WeightTensor weight,
    String form,
    List<SafetensorsWriter.Entry> entries,
    Consumer<SafetensorsWriter> data) {
  /** The form of an ordinary tensor under the weight's own name. */
  public static final String PLAIN = "";

  private static final String SCALES = ".scales";
  private static final int PIECE = 1 << 20;

  /** Copies the list. */
  public PreparedWeight {
    entries = List.copyOf(entries);
  }

  /**
   * Name of the tensor that holds a weight in a form.
   *
   * @param weight its own name
   * @param form one of a backend's, or {@link #PLAIN}
   * @return the name
   */
  public static String name(String weight, String form) {
    return form.equals(PLAIN) ? weight : weight + "." + form;
  }

  /**
   * Name of the tensor that holds the scales of a weight in a form.
   *
   * @param weight its own name
   * @param form one of a backend's
   * @return the name
   */
  public static String scales(String weight, String form) {
    return name(weight, form) + SCALES;
  }

  /**
   * What it will take.
   *
   * @return bytes of data of all its tensors
   */
  public long bytes() {
    return entries.stream().mapToLong(SafetensorsWriter.Entry::bytes).sum();
  }

  /**
   * A weight as an ordinary tensor of another type or its own.
   *
   * @param weight as the checkpoint has it
   * @param form {@link #PLAIN}, or a name
   * @param dtype F32, F16 or BF16, to which elements are rounded to the nearest
   * @return what writes it
   */
  public static PreparedWeight of(WeightTensor weight, String form, DType dtype) {
    SafetensorsWriter.Entry entry =
        new SafetensorsWriter.Entry(name(weight.name(), form), dtype, weight.shape());
    return new PreparedWeight(
        weight,
        form,
        List.of(entry),
        writer ->
            weight.stream(
                PIECE,
                (floats, count) -> {
                  requireRange(weight, floats, count, dtype);
                  writer.write(floats, count, dtype);
                }));
  }

  private static void requireRange(WeightTensor weight, float[] floats, int count, DType dtype) {
    for (int i = 0; dtype == DType.F16 && i < count; i++) {
      if (Math.abs(floats[i]) > Half.LARGEST && Float.isFinite(floats[i])) {
        throw new CheckpointException(
            weight.name()
                + ": expected numbers up to 65504, the largest of float16, found "
                + floats[i]
                + "; choose precision float32 or bfloat16");
      }
    }
  }
}
