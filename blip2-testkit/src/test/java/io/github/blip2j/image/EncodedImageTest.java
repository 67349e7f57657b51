package io.github.blip2j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.features.ImageFeatures;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with the right origin whose contents are not what a model made. */
class EncodedImageTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("photo.jpg"));

  @TempDir Path folder;

  private record Tensor(String name, DType dtype, long rows, long columns, float value) {
    float[] values() {
      float[] values = new float[(int) (rows * columns)];
      Arrays.fill(values, value);
      return values;
    }
  }

  /** A file with the origin of another, and with a checksum that fits what is in it. */
  private Path forged(Path real, Tensor... tensors) {
    Map<String, String> metadata = new TreeMap<>(Weights.metadata(real));
    float[][] data = new float[3][0];
    for (Tensor t : tensors) {
      data[List.of("queries", "projected", "patches").indexOf(t.name())] = t.values();
    }
    metadata.put("crc32c", ImageFeatures.checksum(metadata, data));
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (Tensor t : tensors) {
      entries.add(new SafetensorsWriter.Entry(t.name(), t.dtype(), List.of(t.rows(), t.columns())));
    }
    Path file = folder.resolve("forged" + System.nanoTime());
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      for (Tensor t : tensors) {
        int count = (int) (t.rows() * t.columns());
        ByteBuffer bytes = ByteBuffer.allocate(t.dtype().bytes() * count);
        while (t.dtype() == DType.F32 && bytes.hasRemaining()) {
          bytes.order(ByteOrder.LITTLE_ENDIAN).putFloat(t.value());
        }
        writer.write(bytes.rewind());
      }
      writer.commit();
    }
    return file;
  }

  @Test
  void theMeanIsThatOfTheProjectedQueriesAndHasLengthOne() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      EncodedImage image = blip2.encode(IMAGE);
      float[][] rows = image.projected();
      float[] mean = image.meanEmbedding();
      double square = 0;
      for (float value : mean) {
        square += value * value;
      }
      assertThat(Math.sqrt(square)).isCloseTo(1, within(1e-5));
      double scale = 0; // the same for every column
      for (float[] row : rows) {
        scale += row[0];
      }
      for (int column = 0; column < mean.length; column++) {
        double sum = 0;
        for (float[] row : rows) {
          sum += row[column];
        }
        assertThat(mean[column] * scale).isCloseTo(sum * mean[0], within(1e-4));
      }
    }
    try (Blip2 instructed = Blip2.load(Fixtures.directory("tiny-instructblip-t5"))) {
      EncodedImage image = instructed.encode(IMAGE);
      assertThatIllegalStateException()
          .isThrownBy(image::meanEmbedding)
          .withMessageContaining("instruction");
    }
  }

  @Test
  void shapesAreThoseOfTheModel() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      Path real = folder.resolve("real");
      blip2.encode(IMAGE).save(real);
      Tensor queries =
          new Tensor("queries", DType.F32, TinyOpt.QUERIES, TinyOpt.QFORMER_WIDTH, 0.5f);
      Tensor projected = new Tensor("projected", DType.F32, TinyOpt.QUERIES, TinyOpt.WIDTH, 0.5f);
      assertThat(blip2.caption(EncodedImage.load(forged(real, queries, projected)))).isNotNull();
      for (Path wrong :
          List.of(
              forged(
                  real,
                  queries,
                  new Tensor("projected", DType.F32, TinyOpt.QUERIES, TinyOpt.WIDTH - 1, 0)),
              forged(
                  real,
                  new Tensor("queries", DType.F32, TinyOpt.QUERIES, TinyOpt.QFORMER_WIDTH - 1, 0),
                  projected),
              forged(
                  real,
                  new Tensor("queries", DType.F32, TinyOpt.QUERIES - 1, TinyOpt.QFORMER_WIDTH, 0),
                  new Tensor("projected", DType.F32, TinyOpt.QUERIES - 1, TinyOpt.WIDTH, 0)),
              forged(real, queries, projected, new Tensor("patches", DType.F32, 1, 7, 0)))) {
        EncodedImage image = EncodedImage.load(wrong);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> blip2.caption(image))
            .withMessageContaining("encoded image: expected");
      }
      for (Path wrong :
          List.of(
              forged(
                  real,
                  queries,
                  new Tensor("projected", DType.F32, TinyOpt.QUERIES, TinyOpt.WIDTH, Float.NaN)),
              forged(
                  real,
                  queries,
                  new Tensor(
                      "projected",
                      DType.F32,
                      TinyOpt.QUERIES,
                      TinyOpt.WIDTH,
                      Float.NEGATIVE_INFINITY)),
              forged(
                  real,
                  queries,
                  new Tensor("projected", DType.I64, TinyOpt.QUERIES, TinyOpt.WIDTH, 0)),
              forged(
                  real,
                  new Tensor("queries", DType.F16, TinyOpt.QUERIES, TinyOpt.QFORMER_WIDTH, 0),
                  projected),
              forged(
                  real,
                  queries,
                  new Tensor("projected", DType.F32, TinyOpt.QUERIES - 1, TinyOpt.WIDTH, 0)))) {
        assertThatThrownBy(() -> EncodedImage.load(wrong)).isInstanceOf(CheckpointException.class);
      }
    }
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"))) {
      Path real = folder.resolve("itm");
      EncodedImage image = blip2.encode(IMAGE);
      image.save(real);
      assertThat(EncodedImage.load(real).projected()).isEqualTo(image.projected());
      Path without =
          forged(
              real,
              new Tensor(
                  "queries", DType.F32, image.queries().length, image.queries()[0].length, 0),
              new Tensor(
                  "projected", DType.F32, image.queries().length, image.projected()[0].length, 0));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blip2.matcher().match(EncodedImage.load(without), "a cat"))
          .withMessageContaining("patches");
    }
  }

  @Test
  void aFileWithoutAChecksumIsRefused() {
    Path real = folder.resolve("real");
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      EncodedImage image = blip2.encode(IMAGE);
      image.save(real);
      Path without = folder.resolve("without");
      Map<String, String> metadata = new TreeMap<>(Weights.metadata(real));
      metadata.remove("crc32c");
      float[][] queries = image.queries();
      Tensor zeros = new Tensor("queries", DType.F32, queries.length, queries[0].length, 0);
      SafetensorsWriter.Entry entry =
          new SafetensorsWriter.Entry("queries", DType.F32, List.of(zeros.rows(), zeros.columns()));
      SafetensorsWriter.Entry projected =
          new SafetensorsWriter.Entry("projected", DType.F32, List.of(zeros.rows(), 0L));
      try (SafetensorsWriter writer =
          new SafetensorsWriter(without, List.of(entry, projected), metadata)) {
        writer.write(ByteBuffer.allocate(4 * zeros.values().length));
        writer.commit();
      }
      assertThatThrownBy(() -> EncodedImage.load(without))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("crc32c");
    }
  }

  @Test
  void everyChangedByteIsFound() throws IOException {
    Path real = folder.resolve("real");
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      blip2.encode(IMAGE).save(real);
    }
    byte[] whole = Files.readAllBytes(real);
    Random random = new Random(3);
    int harmless = 0;
    for (int round = 0; round < 500; round++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Path file = Files.write(folder.resolve("damaged"), damaged);
      try {
        EncodedImage.load(file);
        harmless++; // such as a letter of the checksum's own name
      } catch (CheckpointException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }
    assertThat(harmless).isLessThan(10);
  }

  /** What version 1 wrote is read, and means the same. */
  @Test
  void filesOfTheFirstVersionAreRead() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      EncodedImage encoded = blip2.encode(IMAGE);
      Path real = folder.resolve("real");
      encoded.save(real);
      Map<String, String> metadata = new TreeMap<>(Weights.metadata(real));
      assertThat(metadata).containsEntry("version", "2");
      Path old = rewritten(real, metadata, "1", List.of("queries", "projected"));
      EncodedImage read = EncodedImage.load(old);
      assertThat(read.queries()).isDeepEqualTo(encoded.queries());
      assertThat(blip2.caption(read).tokenIds()).isEqualTo(blip2.caption(IMAGE).tokenIds());
      Path newer = rewritten(real, metadata, "3", List.of("queries", "projected"));
      assertThatThrownBy(() -> EncodedImage.load(newer))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("version 1 or 2, found")
          .hasMessageContaining("version 3");
    }
  }

  /** Patches alone are an encoded image, but not for a model that reads the image's queries. */
  @Test
  void patchesAloneAreKeptFromTheSecondVersionOn() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"))) {
      Path real = folder.resolve("real");
      blip2.encode(IMAGE).save(real);
      Map<String, String> metadata = new TreeMap<>(Weights.metadata(real));
      EncodedImage alone = EncodedImage.load(rewritten(real, metadata, "2", List.of("patches")));
      assertThat(alone.queries()).isEmpty();
      assertThat(alone).asString().contains("0 queries");
      Path again = folder.resolve("again");
      alone.save(again);
      assertThat(EncodedImage.load(again).projected()).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blip2.encode(alone))
          .withMessageContaining("expected 6 queries, found 0");
      assertThatThrownBy(
              () -> EncodedImage.load(rewritten(real, metadata, "1", List.of("patches"))))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected a tensor queries, found none");
    }
  }

  /** Some tensors of a file under another version, with the checksum that fits. */
  private Path rewritten(
      Path real, Map<String, String> metadata, String version, List<String> names) {
    List<WeightTensor> tensors =
        Weights.ofFile(real).all().stream().filter(t -> names.contains(t.name())).toList();
    Map<String, String> changed = new TreeMap<>(metadata);
    changed.put("version", version);
    float[][] data = tensors.stream().map(WeightTensor::floats).toArray(float[][]::new);
    changed.put("crc32c", ImageFeatures.checksum(changed, data));
    Path file = folder.resolve("version" + version + names.size());
    List<SafetensorsWriter.Entry> entries =
        tensors.stream()
            .map(t -> new SafetensorsWriter.Entry(t.name(), t.dtype(), t.shape()))
            .toList();
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, changed)) {
      for (float[] values : data) {
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
    return file;
  }
}
