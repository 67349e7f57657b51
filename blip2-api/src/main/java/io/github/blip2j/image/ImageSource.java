package io.github.blip2j.image;

import io.github.blip2j.core.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an image comes from: a file, bytes in memory, a stream, or an image that is decoded
 * already.
 *
 * <p>Files and bytes may hold JPEG, PNG, GIF (its first frame), BMP, WebP or TIFF, at most {@link
 * #MAX_BYTES} long. Nothing is decoded here: a source that holds no image is reported when it is
 * used. A source can be used any number of times, by any number of threads; it owns nothing that
 * has to be closed.
 */
public final class ImageSource implements ImageInput {
  /** The largest encoded image accepted, in bytes: 256 MiB. */
  public static final int MAX_BYTES = 1 << 28;

  private static final int HASHED = 256; // bytes at the end

  private final String name;
  private final Object content; // a Path, a byte[] or a BufferedImage

  private ImageSource(String name, Object content) {
    this.name = name;
    this.content = content;
  }

  /**
   * An image in a file. The file is opened, read and closed each time the source is used.
   *
   * @param file the file; whether it exists is found out when the source is used
   * @return the source, named by the file's path
   */
  public static ImageSource of(Path file) {
    return new ImageSource(file.toString(), file);
  }

  /**
   * An image in a local file, or within the address itself. Nothing is ever downloaded.
   *
   * @param address a {@code file:} URI, or a {@code data:} URI (RFC 2397) in base64 or
   *     percent-encoded, whatever its media type says
   * @return the source, named by the file's path, or by the length of the data
   * @throws IllegalArgumentException when the address has another scheme, or none, or does not name
   *     a local file: one of another host is refused on Windows too
   * @throws UnreadableImageException when a {@code data:} URI is malformed, or holds more than
   *     {@link #MAX_BYTES}
   */
  public static ImageSource of(URI address) {
    if ("data".equalsIgnoreCase(address.getScheme())) {
      byte[] bytes = DataUri.bytes(address);
      return new ImageSource("data: URI of " + bytes.length + " bytes", bytes);
    }
    if (!"file".equalsIgnoreCase(address.getScheme())) {
      throw new IllegalArgumentException(
          address
              + ": expected the scheme file or data, found "
              + Objects.toString(address.getScheme(), "none"));
    }
    return of(FileUri.path(address));
  }

  /**
   * An image in memory, still encoded.
   *
   * @param encoded the bytes of an image file; they are copied
   * @return the source
   */
  public static ImageSource of(byte[] encoded) {
    return new ImageSource("image of " + encoded.length + " bytes", encoded.clone());
  }

  /**
   * An image in a stream. The stream is read to its end now, so that the source can be used again;
   * it is not closed.
   *
   * @param encoded the bytes of an image file
   * @return the source
   * @throws UnreadableImageException when reading fails or the stream is longer than {@link
   *     #MAX_BYTES}
   */
  public static ImageSource of(InputStream encoded) {
    try {
      byte[] bytes = encoded.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new UnreadableImageException(
            "stream: expected at most " + MAX_BYTES + " bytes, found more");
      }
      return new ImageSource("stream of " + bytes.length + " bytes", bytes);
    } catch (IOException e) {
      throw new UnreadableImageException("stream: expected an image, found " + e, e);
    }
  }

  /**
   * An image that is decoded already. It is not copied and must not change while it is in use.
   * Samples are taken as they are: alpha is dropped and colour profiles are not applied.
   *
   * @param imageSource the image
   * @return the source
   */
  public static ImageSource of(BufferedImage imageSource) {
    String name = "BufferedImage of " + imageSource.getWidth() + "x" + imageSource.getHeight();
    return new ImageSource(name, imageSource);
  }

  /**
   * What messages call this source.
   *
   * @return the file's path, or a description of what is held
   */
  public String name() {
    return name;
  }

  /**
   * The image, when it is decoded already.
   *
   * @return the image given to {@link #of(BufferedImage)}, not a copy; empty for other sources
   */
  public Optional<BufferedImage> bufferedImage() {
    return Optional.ofNullable(content instanceof BufferedImage imageSource ? imageSource : null);
  }

  /**
   * Opens the encoded image from its beginning.
   *
   * @return a new stream, which the caller closes
   * @throws UnreadableImageException when the file is missing, is not a regular file, cannot be
   *     opened or is longer than {@link #MAX_BYTES}
   * @throws IllegalStateException when the source holds an image that is decoded already
   */
  public InputStream open() {
    if (content instanceof byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }
    if (content instanceof Path file) {
      return open(file);
    }
    throw new IllegalStateException(name + " is decoded already: use bufferedImage()");
  }

  private static InputStream open(Path file) {
    if (!Files.isRegularFile(file)) {
      String kind = Files.isDirectory(file) ? "a directory" : "something else";
      throw new UnreadableImageException(
          file + ": expected an image file, found " + (Files.exists(file) ? kind : "nothing"));
    }
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new UnreadableImageException(
            file + ": expected at most " + MAX_BYTES + " bytes, found " + size);
      }
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new UnreadableImageException(file + ": expected a readable file, found " + e, e);
    }
  }

  /**
   * Whether both are the same file (by its path, as it was given), have the same bytes, or hold the
   * same decoded image object.
   *
   * @param other anything
   * @return whether it is a source of the same image
   */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof ImageSource source)) {
      return false;
    }
    if (content instanceof byte[] bytes && source.content instanceof byte[] others) {
      return Arrays.equals(bytes, others);
    }
    return content instanceof Path file ? file.equals(source.content) : content == source.content;
  }

  @Override
  public int hashCode() {
    if (content instanceof byte[] bytes) { // its end has the image's last samples
      int from = Math.max(0, bytes.length - HASHED);
      return 31 * bytes.length + Arrays.hashCode(Arrays.copyOfRange(bytes, from, bytes.length));
    }
    return content instanceof Path file ? file.hashCode() : System.identityHashCode(content);
  }

  /** The same as {@link #name()}. */
  @Override
  public String toString() {
    return name;
  }
}
