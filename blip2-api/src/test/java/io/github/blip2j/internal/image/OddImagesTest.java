package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Odd but valid files of every format are the pixels that Pillow 12.3 sees, on every JDK, without
 * tolerance; what Pillow refuses is refused. Files and hashes are made by {@code
 * tools/fixtures/odd_<format>.py}, which also explains the format of hashes.txt.
 */
class OddImagesTest {
  /** Images each format's folder must at least bring, so that an empty folder does not pass. */
  private static final Map<String, Integer> AT_LEAST =
      new TreeMap<>(
          Map.of("png", 200, "gif", 79, "bmp", 110, "tiff", 355, "webp", 150, "jpeg", 200));

  static Stream<Arguments> lines() throws IOException {
    Stream.Builder<Arguments> all = Stream.builder();
    for (Path folder : folders()) {
      for (String line : Files.readAllLines(folder.resolve("hashes.txt"))) {
        String[] words = line.split(" ", 2);
        all.add(new Arguments(folder.getFileName() + "/" + words[0], words[1]));
      }
    }
    return all.build();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void isWhatPillowSees(Arguments line) {
    byte[] data = TestImages.bytes("odd-images/" + line.file);
    if (line.expected.equals("refused")) {
      assertThatThrownBy(() -> read(data, false))
          .as(line.file)
          .isInstanceOf(UnreadableImageException.class);
      return;
    }
    boolean upright = line.expected.startsWith("upright ");
    String plain = upright ? line.expected.substring("upright ".length()) : line.expected;
    assertThat(read(data, upright)).as(line.file).isEqualTo(plain);
  }

  @Test
  void everyFileIsListed() throws IOException {
    Map<String, Integer> found = new TreeMap<>();
    for (Path folder : folders()) {
      List<String> listed =
          Files.readAllLines(folder.resolve("hashes.txt")).stream()
              .map(line -> line.split(" ", 2)[0])
              .distinct()
              .toList();
      try (Stream<Path> files = Files.list(folder)) {
        List<String> there = files.map(file -> file.getFileName().toString()).toList();
        assertThat(there).filteredOn(name -> !name.equals("hashes.txt")).hasSameElementsAs(listed);
      }
      found.put(folder.getFileName().toString(), listed.size());
    }
    AT_LEAST.forEach(
        (format, count) ->
            assertThat(found.getOrDefault(format, 0)).as(format).isGreaterThanOrEqualTo(count));
  }

  private static List<Path> folders() throws IOException {
    URL root = OddImagesTest.class.getResource("/fixtures/odd-images");
    assertThat(root).isNotNull();
    try (Stream<Path> folders = Files.list(Path.of(root.toURI()))) {
      return folders.sorted().toList();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(byte[] data, boolean upright) {
    ImageOptions options = ImageOptions.defaults().withExifOrientation(upright);
    RgbImage image = new ImageReader().read(ImageSource.of(data), options);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(image.rgb());
      return image.width() + "x" + image.height() + " " + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** One line: which file, and what is expected of it. */
  record Arguments(String file, String expected) {
    @Override
    public String toString() {
      return file;
    }
  }
}
