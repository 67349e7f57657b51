package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String TWO =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
          + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[8,12]}}";

  @TempDir Path folder;

  private Path file(long length, String header, int data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length == -1 ? json.length : length).put(json);
    for (int i = 0; i < data; i++) {
      bytes.put((byte) i);
    }
    return Files.write(folder.resolve("x.safetensors"), bytes.array());
  }

  private static WeightTensor named(Map<String, WeightTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private void refused(Path file, String... parts) {
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected")
        .hasMessageContaining("found")
        .satisfies(e -> List.of(parts).forEach(p -> assertThat(e).hasMessageContaining(p)));
  }

  @Test
  void readsNamesTypesShapesAndPlaces() throws IOException {
    Map<String, WeightTensor> tensors = Safetensors.read(file(-1, TWO, 12));
    assertThat(tensors).containsOnlyKeys("a", "b");
    WeightTensor b = named(tensors, "b");
    assertThat(b.dtype()).isEqualTo(DType.BF16);
    assertThat(b.shape()).containsExactly(1L, 2L);
    assertThat(b.offset()).isEqualTo(8 + TWO.length() + 8);
    assertThat(b.map().get(0)).isEqualTo((byte) 8);
    assertThat(b.floats())
        .containsExactly(Float.intBitsToFloat(0x09080000), Float.intBitsToFloat(0x0b0a0000));
  }

  @Test
  void metadataAndEmptyTensorsAreAllowed() throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"none\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[0,0]},"
            + "\"one\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}  ";
    assertThat(Safetensors.read(file(-1, header, 1))).containsOnlyKeys("none", "one");
  }

  /** A tensor that is not needed may be of any type of the format. */
  @Test
  void everyTypeOfTheFormatIsKnown() throws IOException {
    for (DType type : EnumSet.complementOf(EnumSet.of(DType.PREPARED))) {
      String end = ",\"shape\":[3],\"data_offsets\":[0," + 3 * type.bytes() + "]}}";
      String header = "{\"x\":{\"dtype\":\"" + type + "\"" + end;
      assertThat(Safetensors.read(file(-1, header, 3 * type.bytes()))).containsOnlyKeys("x");
    }
    assertThat(List.of(DType.values()).toString())
        .contains("C64", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ");
  }

  /** What a bundle's weights are made of is no type that a file could name. */
  @Test
  void whatABackendPreparedIsNoTypeOfTheFormat() throws IOException {
    String header = "{\"x\":{\"dtype\":\"PREPARED\",\"shape\":[3],\"data_offsets\":[0,0]}}";
    refused(file(-1, header, 0), "expected a safetensors dtype", "PREPARED");
  }

  @Test
  void aMissingFileIsNamed() {
    refused(folder.resolve("none.safetensors"), "none.safetensors", "found none");
  }

  @ParameterizedTest
  @CsvSource({"0", "7", "8", "9", "40", "150"})
  void aCutFileIsRefused(int length) throws IOException {
    byte[] whole = Files.readAllBytes(file(-1, TWO, 12));
    Files.write(folder.resolve("x.safetensors"), java.util.Arrays.copyOf(whole, length));
    refused(folder.resolve("x.safetensors"));
  }

  @Test
  void aWrongHeaderLengthIsRefused() throws IOException {
    refused(file(1L << 40, TWO, 12), "a length of 1099511627776");
    refused(file(Long.MIN_VALUE, TWO, 12), "a length of 9223372036854775808");
    refused(file(1, TWO, 12), "a length of 1");
    refused(file(TWO.length() - 3, TWO, 12), "JSON object");
  }

  @Test
  void whatIsNoHeaderIsRefused() throws IOException {
    refused(file(-1, "[1, 2]", 0), "JSON object", "[1,2]");
    refused(file(-1, "{\"a\":3}", 0), "a: expected a JSON object, found 3");
    refused(file(-1, "{\"a\":1,\"a\":1}", 0), "Duplicate");
    refused(file(-1, TWO.replace("F32", "F31"), 12), "a: expected a safetensors dtype", "F31");
    refused(file(-1, TWO.replace("[2]", "\"2\""), 12), "shape: expected a list of integers");
    refused(file(-1, TWO.replace("[2]", "[2.5]"), 12), "shape: expected a list of integers");
  }

  @Test
  void offsetsMustFit() throws IOException {
    refused(file(-1, TWO.replace("[8,12]", "[4,8]"), 12), "overlap");
    refused(file(-1, TWO.replace("[8,12]", "[9,13]"), 13), "hole");
    refused(file(-1, TWO.replace("[8,12]", "[12,8]"), 12), "b: expected offsets");
    refused(file(-1, TWO.replace("[8,12]", "[8,99]"), 12), "within the 12 bytes", "[8, 99]");
    refused(file(-1, TWO.replace("[0,8]", "[-8,0]"), 12), "a: expected offsets");
    refused(file(-1, TWO.replace("[0,8]", "[0]"), 12), "a: expected offsets");
    refused(file(-1, TWO, 13), "expected", "by its header");
  }

  @Test
  void shapesMustExplainTheBytes() throws IOException {
    refused(file(-1, TWO.replace("[2]", "[3]"), 12), "a: expected 12 bytes for F32 [3], found 8");
    refused(file(-1, TWO.replace("[2]", "[-2]"), 12), "[-2]");
    refused(
        file(-1, TWO.replace("[2]", "[4611686018427387904,4]"), 12), "expected a size in 63 bits");
  }

  @Test
  void whatTheWriterWritesIsRead() throws IOException {
    Path target = folder.resolve("deep/er/y.safetensors");
    List<SafetensorsWriter.Entry> entries =
        List.of(
            new SafetensorsWriter.Entry("first \u00e9", DType.F16, List.of(2L, 1L)),
            new SafetensorsWriter.Entry("second", DType.F32, List.of()));
    try (SafetensorsWriter writer = new SafetensorsWriter(target, entries)) {
      writer.write(ByteBuffer.wrap(new byte[] {0, 0x3c, 0, (byte) 0xc0}));
      assertThatThrownBy(writer::commit).isInstanceOf(CheckpointException.class);
      writer.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 5));
      writer.commit();
    }
    Map<String, WeightTensor> tensors = Safetensors.read(target);
    assertThat(named(tensors, "first \u00e9").floats()).containsExactly(1, -2);
    assertThat(named(tensors, "second").floats()).containsExactly(5);
    assertThat(named(tensors, "second").offset() % 4).isZero();
  }

  @Test
  void anAbandonedWriterLeavesNothing() throws IOException {
    List<SafetensorsWriter.Entry> entries =
        List.of(new SafetensorsWriter.Entry("a", DType.F32, List.of(2L)));
    Path target = folder.resolve("z.safetensors");
    new SafetensorsWriter(target, entries).close();
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void streamsInPieces() throws IOException {
    WeightTensor a = named(Safetensors.read(file(-1, TWO, 12)), "a");
    StringBuilder sizes = new StringBuilder();
    float[] all = new float[2];
    int[] at = {0};
    a.stream(
        1,
        (floats, count) -> {
          sizes.append(count);
          all[at[0]++] = floats[0];
        });
    assertThat(sizes).hasToString("11");
    assertThat(all).containsExactly(a.floats());
  }
}
