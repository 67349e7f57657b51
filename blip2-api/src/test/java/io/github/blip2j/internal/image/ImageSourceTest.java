package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourceTest {
  private static final byte[] TINY = TestImages.bytes("images/tiny.png");

  @TempDir Path folder;

  @Test
  void everyKindGivesTheSameImage() throws IOException {
    Path file = Files.write(folder.resolve("a b.png"), TINY);
    byte[] expected = TestImages.read(TINY).rgb();
    assertThat(read(ImageSource.of(file))).isEqualTo(expected);
    assertThat(read(ImageSource.of(file.toUri()))).isEqualTo(expected);
    assertThat(read(ImageSource.of(new ByteArrayInputStream(TINY)))).isEqualTo(expected);
  }

  @Test
  void streamCanBeReadAgainAndIsNotClosed() throws IOException {
    boolean[] closed = {false};
    InputStream stream =
        new ByteArrayInputStream(TINY) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    ImageSource source = ImageSource.of(stream);
    assertThat(read(source)).isEqualTo(read(source));
    assertThat(closed[0]).isFalse();
    assertThat(source).hasToString("stream of " + TINY.length + " bytes");
  }

  @Test
  void failingStreamIsReported() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("line down");
          }
        };
    assertThatThrownBy(() -> ImageSource.of(broken))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContainingAll("stream: expected an image", "line down");
  }

  @Test
  void endlessStreamIsRefused() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            return length;
          }
        };
    assertThatThrownBy(() -> ImageSource.of(endless))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessage("stream: expected at most 268435456 bytes, found more");
  }

  @Test
  void bytesAreCopied() {
    byte[] mine = TINY.clone();
    ImageSource source = ImageSource.of(mine);
    mine[0] = 0;
    assertThat(read(source)).isNotEmpty();
  }

  @Test
  void onlyFilesAreAddressed() {
    assertThatThrownBy(() -> ImageSource.of(URI.create("https://example.org/a.png")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("https://example.org/a.png: expected the scheme file or data, found https");
    assertThatThrownBy(() -> ImageSource.of(URI.create("a.png")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a.png: expected the scheme file or data, found none");
  }

  @Test
  void decodedImageHasNoBytes() {
    ImageSource source = ImageSource.of(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB));
    assertThat(source.bufferedImage()).isPresent();
    assertThatThrownBy(source::open)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("BufferedImage of 2x1 is decoded already: use bufferedImage()");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> ImageOptions.defaults().withMaxPixels(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPixels (0) must be at least 1");
    assertThat(ImageOptions.defaults().withExifOrientation(true))
        .isEqualTo(new ImageOptions(89_478_485, true));
  }

  private static byte[] read(ImageSource source) {
    return new ImageReader().read(source, ImageOptions.defaults()).rgb();
  }
}
