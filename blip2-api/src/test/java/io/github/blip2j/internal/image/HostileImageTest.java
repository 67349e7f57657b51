package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.ImageProcessorConfig;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are small, or well-formed, and made to cost much. */
class HostileImageTest {
  private static final long MIB = 1 << 20;

  @Test
  void commentsOfGifsAreNotKept() {
    byte[] gif = TestImages.bytes("odd-images/gif/87a.gif");
    int frame = 13 + 3 * 8; // behind the screen and its palette
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(gif, 0, frame);
    file.writeBytes(new byte[] {'!', (byte) 254});
    byte[] block = new byte[256];
    block[0] = (byte) 255;
    for (int i = 0; i < 1 << 14; i++) {
      file.writeBytes(block);
    }
    file.write(0);
    file.write(gif, frame, gif.length - frame);
    long bytes = allocated(() -> TestImages.read(file.toByteArray()));
    assertThat(bytes).as("allocated for a comment of 4 MB").isLessThan(64 * MIB);
  }

  @Test
  void chunksOfPngsAreNotKept() {
    byte[] png = TestImages.bytes("odd-images/png/c2-d8-i0.png");
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(png, 0, 33);
    for (int i = 0; i < 100_000; i++) {
      chunk(file, "prVt", new byte[0]);
    }
    file.write(png, 33, png.length - 33);
    assertThat(TestImages.read(file.toByteArray()).rgb()).isEqualTo(TestImages.read(png).rgb());
  }

  @Test
  void emptyPromisesCostNothing() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    header(file, 9000, 9000);
    chunk(file, "IDAT", new byte[] {0x78, (byte) 0x9c});
    chunk(file, "IEND", new byte[0]);
    refusedCheaply(file.toByteArray(), "cut short");
  }

  @Test
  void tilesOfTwoThousandMillionPixelsCostNothing() {
    int[][] tags = {
      {256, 13},
      {257, 11},
      {258, 8},
      {259, 8},
      {262, 1},
      {277, 1},
      {322, Integer.MAX_VALUE},
      {323, Integer.MAX_VALUE},
      {324, 8},
      {325, 4}
    };
    ByteBuffer tiff = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put(new byte[] {'I', 'I', 42, 0}).putInt(12).putInt(0).putShort((short) tags.length);
    for (int[] tag : tags) {
      tiff.putShort((short) tag[0]).putShort((short) 4).putInt(1).putInt(tag[1]);
    }
    refusedCheaply(tiff.array(), "tiles much larger than the image");
  }

  @Test
  void memoryThatRunsOutIsAnErrorOfOurs() {
    int side = 26_700; // 2.1 GB, nearly the largest array
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    header(file, side, side);
    chunk(file, "IDAT", deflated(new byte[1 + 3 * side])); // one row: Pillow shows the rest black
    chunk(file, "IEND", new byte[0]);
    ImageOptions all = ImageOptions.defaults().withMaxPixels(Long.MAX_VALUE);
    byte[] data = file.toByteArray();
    byte[] held = new byte[1 << 28];
    long heap = Runtime.getRuntime().maxMemory();
    assertThat(heap).as("surefire.jvm's heap").isLessThan(3L * side * side + held.length);
    assertThatThrownBy(() -> new ImageReader().read(ImageSource.of(data), all))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("enough memory");
    assertThat(held).hasSize(1 << 28);
  }

  @ParameterizedTest
  @CsvSource({
    "000000186674797068656963, a HEIC image: convert it",
    "000000206674797061766966, an AVIF image: convert it",
    "255044462d312e37, a PDF document: render its pages",
    "ff0a0000, a JPEG XL image: convert it",
    "0000000c6a5020200d0a870a, a JPEG 2000 image: convert it",
    "3c73766720786d6c6e733d22, an SVG drawing: render it",
    "3c21444f43545950452068746d6c3e, an HTML page",
    "68756e746572320a, text",
    "0001020304, something else of 5 bytes"
  })
  void otherFormatsAreNamedWithWhatToDo(String digits, String expected) {
    byte[] data = HexFormat.of().parseHex(digits);
    assertThatThrownBy(() -> TestImages.read(data))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("expected JPEG, PNG, GIF, BMP, WebP or TIFF, found " + expected)
        .hasMessageNotContaining(digits)
        .hasMessageNotContaining("hunter");
  }

  @Test
  void interruptsDoNotDisturbReads(@TempDir Path folder) throws Exception {
    byte[] png = TestImages.bytes("images/tiny.png");
    Path file = Files.write(folder.resolve("a.png"), png);
    Thread.currentThread().interrupt();
    RgbImage found;
    try {
      found = new ImageReader().read(ImageSource.of(file), ImageOptions.defaults());
    } finally {
      assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
    }
    assertThat(found.rgb()).isEqualTo(TestImages.read(png).rgb());
  }

  @Test
  void narrowImagesAreResizedRowByRow() {
    byte[] levels = new byte[3 * 300_000];
    Arrays.fill(levels, (byte) 77);
    RgbImage tall = new RgbImage(1, 300_000, levels); // between the passes: 202 MB
    long bytes =
        allocated(() -> assertThat(BicubicResize.resize(tall, 224, 224).rgb()).containsOnly(77));
    assertThat(bytes).as("allocated for resizing").isLessThan(150 * MIB);
  }

  @ParameterizedTest
  @CsvSource({"1, 2000000", "2000000, 1"})
  void extremeShapesAreRefusedBeforeResizing(int width, int height) {
    var config =
        new ImageProcessorConfig(
            true, 224, 224, 3, true, 1 / 255d, true, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    RgbImage image = new RgbImage(width, height, new byte[3 * width * height]);
    assertThatThrownBy(() -> new ImageProcessor(config).process(image, "dog.png"))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage(
            "dog.png: expected at most 1198372 columns and rows, found " + width + "x" + height);
  }

  private static void refusedCheaply(byte[] data, String reason) {
    long bytes =
        allocated(
            () ->
                assertThatThrownBy(() -> TestImages.read(data))
                    .isInstanceOf(UnreadableImageException.class)
                    .hasMessageContaining(reason));
    assertThat(bytes).as("allocated for " + data.length + " bytes").isLessThan(16 * MIB);
  }

  /** Bytes of heap in use at most while a task runs, above those before it. */
  private static long allocated(Runnable task) {
    System.gc();
    long before = 0;
    for (MemoryPoolMXBean pool : heap()) {
      pool.resetPeakUsage();
      before += pool.getUsage().getUsed();
    }
    task.run();
    return heap().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() - before;
  }

  private static List<MemoryPoolMXBean> heap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }

  private static void header(ByteArrayOutputStream file, int width, int height) {
    file.writeBytes(ByteBuffer.allocate(8).putLong(0x89504e470d0a1a0aL).array());
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    chunk(file, "IHDR", header.put(new byte[] {8, 2, 0, 0, 0}).array());
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    file.writeBytes(name);
    file.writeBytes(data);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  private static byte[] deflated(byte[] data) {
    Deflater deflater = new Deflater();
    deflater.setInput(data);
    deflater.finish();
    byte[] buffer = new byte[data.length + 100];
    int length = deflater.deflate(buffer);
    deflater.end();
    return Arrays.copyOf(buffer, length);
  }
}
