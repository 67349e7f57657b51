package io.github.blip2j.internal.image;

import io.github.blip2j.UnreadableImageException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceLoader;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * The decoders of the JDK and of TwelveMonkeys, in a registry of our own.
 *
 * <p>ImageIO's own registry finds plug-ins through the context class loader of whichever thread
 * uses it first, so in a servlet container it may never see the ones that belong to this library,
 * and what is added to it changes how the whole application reads pictures. Ours is filled through
 * this class's loader, and nobody else sees it. Safe for any number of threads.
 */
final class PictureDecoders {
  private static final String TWELVEMONKEYS = "com.twelvemonkeys.imageio.";

  private final ServiceRegistry registry;

  private PictureDecoders(ServiceRegistry registry) {
    this.registry = registry;
  }

  /** A new decoder, which the caller disposes of. */
  static ImageReader open(PictureFormat format) throws IOException {
    return Holder.DECODERS.provider(format).createReaderInstance();
  }

  private synchronized ImageReaderSpi provider(PictureFormat format) {
    Iterator<ImageReaderSpi> found =
        registry.getServiceProviders(
            ImageReaderSpi.class,
            spi -> spi.getClass().getName().equals(format.provider()),
            /* useOrdering= */ false);
    if (!found.hasNext()) {
      throw new UnreadableImageException(
          format
              + " picture: expected its decoder on the class path, found no "
              + format.provider());
    }
    return found.next();
  }

  private static PictureDecoders load() {
    List<Class<?>> category = List.of(ImageReaderSpi.class);
    ServiceRegistry registry = new ServiceRegistry(category.iterator());
    IIORegistry.getDefaultInstance()
        .getServiceProviders(ImageReaderSpi.class, /* useOrdering= */ false)
        .forEachRemaining(
            spi -> {
              if (spi.getClass().getName().startsWith("com.sun.imageio.")) {
                registry.registerServiceProvider(spi, ImageReaderSpi.class);
              }
            });
    ServiceLoader.load(ImageReaderSpi.class, PictureDecoders.class.getClassLoader()).stream()
        .filter(found -> found.type().getName().startsWith(TWELVEMONKEYS))
        .forEach(found -> registry.registerServiceProvider(found.get(), ImageReaderSpi.class));
    return new PictureDecoders(registry);
  }

  private static final class Holder {
    static final PictureDecoders DECODERS = load();
  }
}
