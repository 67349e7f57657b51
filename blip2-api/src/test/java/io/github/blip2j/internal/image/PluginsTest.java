package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A format that only the application has a plug-in for. */
class PluginsTest {
  private static final byte[] FILE = "ODDPIC of one orange pixel".getBytes(StandardCharsets.UTF_8);

  private final Spi spi = new Spi();

  @BeforeEach
  void register() {
    IIORegistry.getDefaultInstance().registerServiceProvider(spi, ImageReaderSpi.class);
  }

  @AfterEach
  void deregister() {
    IIORegistry.getDefaultInstance().deregisterServiceProvider(spi, ImageReaderSpi.class);
  }

  @Test
  void isReadByThePlugin() {
    assertThat(TestImages.read(FILE).rgb()).containsExactly(255, 128, 7);
  }

  @Test
  void obeysTheLimit() {
    ImageOptions none = ImageOptions.defaults().withMaxPixels(1);
    byte[] two = FILE.clone();
    two[6] = '2';
    assertThatThrownBy(
            () -> new io.github.blip2j.internal.image.ImageReader().read(ImageSource.of(two), none))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("at most 1 pixels");
  }

  @Test
  void isNotAskedForFormatsOfOurs() {
    assertThat(TestImages.read("images/tiny.png").width()).isEqualTo(13);
  }

  private static final class Spi extends ImageReaderSpi {
    Spi() {
      super(
          "test",
          "1",
          new String[] {"odd"},
          null,
          null,
          Reader.class.getName(),
          new Class<?>[] {ImageInputStream.class},
          null,
          false,
          null,
          null,
          null,
          null,
          false,
          null,
          null,
          null,
          null);
    }

    @Override
    public boolean canDecodeInput(Object source) throws IOException {
      ImageInputStream stream = (ImageInputStream) source;
      stream.mark();
      byte[] start = new byte[6];
      int count = stream.read(start);
      stream.reset();
      return count == 6 && new String(start, StandardCharsets.UTF_8).equals("ODDPIC");
    }

    @Override
    public ImageReader createReaderInstance(@Nullable Object extension) {
      return new Reader(this);
    }

    @Override
    public String getDescription(@Nullable Locale locale) {
      return "one orange pixel";
    }
  }

  private static final class Reader extends ImageReader {
    Reader(Spi spi) {
      super(spi);
    }

    @Override
    public int getNumImages(boolean search) {
      return 1;
    }

    @Override
    public int getWidth(int index) throws IOException {
      ImageInputStream stream = (ImageInputStream) getInput();
      stream.seek(6);
      return stream.read() == '2' ? 2 : 1;
    }

    @Override
    public int getHeight(int index) {
      return 1;
    }

    @Override
    public Iterator<ImageTypeSpecifier> getImageTypes(int index) {
      return List.of(ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_RGB))
          .iterator();
    }

    @Override
    public @Nullable IIOMetadata getStreamMetadata() {
      return null;
    }

    @Override
    public @Nullable IIOMetadata getImageMetadata(int index) {
      return null;
    }

    @Override
    public BufferedImage read(int index, @Nullable ImageReadParam param) {
      BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
      image.setRGB(0, 0, 0xff8007);
      return image;
    }
  }
}
