package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that is not a whole image ends in one exception, and nothing stays open. */
class BadImageTest {
  @TempDir Path folder;

  @Test
  void missingFile() {
    refused(ImageSource.of(folder.resolve("none.png")))
        .hasMessageContainingAll("none.png", "expected an image file", "found nothing");
  }

  @Test
  void directory() {
    refused(ImageSource.of(folder))
        .hasMessageContainingAll(folder.toString(), "expected an image file", "a directory");
  }

  @Test
  void noBytes() throws IOException {
    Path file = Files.createFile(folder.resolve("empty.jpg"));
    refused(ImageSource.of(file))
        .hasMessage(file + ": expected JPEG, PNG, GIF, BMP, WebP or TIFF, found no bytes");
  }

  @Test
  void textNamedJpg() throws IOException {
    Path file = Files.writeString(folder.resolve("text.jpg"), "Not found. Try later.");
    refused(ImageSource.of(file))
        .hasMessageContainingAll("text.jpg", "expected JPEG", "found text")
        .hasMessageNotContaining("later");
  }

  @Test
  void zeros() {
    refused(ImageSource.of(new byte[500]))
        .hasMessageContainingAll(
            "image of 500 bytes", "expected JPEG", "found something else of 500 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "images/landscape.png, PNG",
    "images/palette.png, PNG",
    "image-files/interlaced.png, PNG",
    "images/photo.jpg, JPEG",
    "image-files/progressive.jpg, JPEG",
    "image-files/cmyk-adobe.jpg, JPEG",
    "images/anim.gif, GIF",
    "images/photo.bmp, BMP",
    "image-files/lossless.webp, WEBP",
    "image-files/lossy.webp, WEBP",
    "image-files/lzw.tif, TIFF"
  })
  void cutShort(String name, String format) {
    byte[] whole = TestImages.bytes(name);
    // An animation may lose frames after its first, a PNG its end chunk with the sums before it,
    // a TIFF nothing but its directory's tail.
    int last = whole.length - (name.endsWith("png") ? 40 : 3);
    last = name.endsWith("gif") ? whole.length / 5 : last;
    for (int step = 1; step <= 10; step++) {
      int length = 14 + (last - 14) * step / 10;
      refused(ImageSource.of(Arrays.copyOf(whole, length)))
          .as(name + " cut to " + length)
          .hasMessageContainingAll(
              "image of " + length + " bytes", "expected a whole " + format, "found damage")
          .hasCauseInstanceOf(Throwable.class);
    }
  }

  @Test
  void damagedPngIsNoticedByItsCheckSum() {
    byte[] palette = TestImages.bytes("image-files/palette-alpha.png");
    palette[60] ^= 1; // a colour: the JDK's decoder would take it as it is
    refused(ImageSource.of(palette)).hasMessageContainingAll("expected a whole PNG", "damage");
  }

  @Test
  void randomDamageNeverEscapesAsAnythingElse() {
    Random random = new Random(11);
    for (String name :
        new String[] {
          "image-files/lzw.tif",
          "image-files/lossless.webp",
          "image-files/palette.bmp",
          "images/anim.gif",
          "image-files/progressive.jpg",
          "image-files/interlaced.png",
          "image-files/cmyk.tif"
        }) {
      byte[] whole = TestImages.bytes(name);
      for (int i = 0; i < 100; i++) {
        byte[] damaged = whole.clone();
        for (int j = 0; j < 4; j++) {
          damaged[random.nextInt(Math.min(300, whole.length))] = (byte) random.nextInt();
        }
        ImageOptions small = ImageOptions.defaults().withMaxPixels(1_000_000);
        try {
          new ImageReader().read(ImageSource.of(damaged), small.withExifOrientation(true));
        } catch (UnreadableImageException expected) {
          assertThat(expected).hasMessageContaining("expected");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10_000, 50_000})
  void hugeImageIsRefusedBeforeDecoding(int side) {
    byte[] bomb = pngHeader(side, side);
    assertThat(bomb.length).isLessThan(100);
    long pixels = (long) side * side;
    refused(ImageSource.of(bomb))
        .hasMessageContainingAll("at most 89478485 pixels", "found " + pixels, side + "x" + side);
  }

  @Test
  void limitIsTheImageItself() {
    ImageSource tiny = ImageSource.of(TestImages.bytes("images/tiny.png")); // 13 x 9
    ImageReader reader = new ImageReader();
    ImageOptions options = ImageOptions.defaults();
    assertThat(reader.read(tiny, options.withMaxPixels(117)).width()).isEqualTo(13);
    assertThatThrownBy(() -> reader.read(tiny, options.withMaxPixels(116)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContainingAll("at most 116 pixels", "found 117 (13x9)");
  }

  @Test
  void limitCoversTheScreenOfAGif() {
    byte[] gif = TestImages.bytes("image-files/first-frame.gif");
    ByteBuffer.wrap(gif).putInt(6, 0xffffffff); // screen of 65535 x 65535, frame of 17 x 11
    refused(ImageSource.of(gif)).hasMessageContaining("found 4294836225 (65535x65535)");
  }

  @Test
  void nothingStaysOpen() throws IOException {
    Path cut = folder.resolve("cut.jpg");
    Path whole = folder.resolve("whole.png");
    Files.write(cut, Arrays.copyOf(TestImages.bytes("images/photo.jpg"), 5000));
    Files.write(whole, TestImages.bytes("images/tiny.png"));
    ImageReader reader = new ImageReader();
    reader.read(ImageSource.of(whole), ImageOptions.defaults()); // loads classes and their jars
    refused(ImageSource.of(cut));
    long before = openFiles();
    for (int i = 0; i < 50; i++) {
      refused(ImageSource.of(cut));
      reader.read(ImageSource.of(whole), ImageOptions.defaults());
    }
    assertThat(openFiles()).isLessThan(before + 10);
    // Where open files cannot be counted, one that is open cannot be deleted.
    assertThatCode(() -> Files.delete(cut)).doesNotThrowAnyException();
    assertThatCode(() -> Files.delete(whole)).doesNotThrowAnyException();
  }

  private static long openFiles() throws IOException {
    Path handles = Path.of("/proc/self/fd");
    if (!Files.isDirectory(handles)) {
      return 0;
    }
    try (Stream<Path> list = Files.list(handles)) {
      return list.count();
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> refused(ImageSource source) {
    return assertThatThrownBy(() -> new ImageReader().read(source, ImageOptions.defaults()))
        .isInstanceOf(UnreadableImageException.class);
  }

  private static byte[] pngHeader(int width, int height) {
    ByteBuffer png = ByteBuffer.allocate(45);
    png.putLong(0x89504e470d0a1a0aL).putInt(13);
    png.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
    png.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 sum = new CRC32();
    sum.update(png.array(), 12, 17);
    png.putInt((int) sum.getValue()).putInt(0);
    png.put("IEND".getBytes(StandardCharsets.US_ASCII)).putInt(0xae426082);
    return png.array();
  }
}
