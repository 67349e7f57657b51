package io.github.blip2j.image;

import io.github.blip2j.core.UnreadableImageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of images a program follows when others send them, as chat messages do. What an
 * address holds itself ({@code data:}) always; files and other machines only as far as it was said:
 * else whoever can send a message can have any file of this machine described, or make it connect
 * anywhere. Immutable; safe for many threads.
 */
public final class ImageAddresses {
  private static final ImageAddresses DATA = new ImageAddresses(null, null);

  private final @Nullable Path folder;
  private final @Nullable Function<? super URI, ? extends ImageInput> others;

  private ImageAddresses(
      @Nullable Path folder, @Nullable Function<? super URI, ? extends ImageInput> others) {
    this.folder = folder;
    this.others = others;
  }

  /**
   * Follows {@code data:} URIs alone.
   *
   * @return the least
   */
  public static ImageAddresses dataOnly() {
    return DATA;
  }

  /**
   * Also follows {@code file:} URIs of what lies within a folder, symbolic links resolved. Whether
   * an address outside names something is not told.
   *
   * @param allowed the folder
   * @return the same with files
   */
  public ImageAddresses withFilesIn(Path allowed) {
    return new ImageAddresses(allowed, others);
  }

  /**
   * Also follows addresses of any other scheme, in the way that the caller knows.
   *
   * @param reader from an address to its image; may refuse it with an {@link
   *     IllegalArgumentException}
   * @return the same with other schemes
   */
  public ImageAddresses withOthers(Function<? super URI, ? extends ImageInput> reader) {
    return new ImageAddresses(folder, reader);
  }

  /**
   * The image at an address.
   *
   * @param address of any scheme
   * @return the image; a file is opened when the image is used
   * @throws IllegalArgumentException if such addresses are not followed; says what to do
   * @throws UnreadableImageException if a {@code data:} URI is malformed, or there is no such file
   *     in the folder
   */
  public ImageInput image(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    if (scheme.equals("data")) {
      return ImageSource.of(address);
    }
    if (scheme.equals("file") && folder != null) {
      return ImageSource.of(within(folder, address));
    }
    if (!scheme.equals("file") && others != null) {
      return Objects.requireNonNull(others.apply(address), "the image at an address");
    }
    throw new IllegalArgumentException(
        "expected an image as data, found the address "
            + shortened(address)
            + ": image addresses of the scheme "
            + scheme
            + " are not supported unless they are allowed by ImageAddresses."
            + (scheme.equals("file") ? "withFilesIn" : "withOthers"));
  }

  private static Path within(Path folder, URI address) {
    Path named = FileUri.path(address).toAbsolutePath();
    Path real = real(folder);
    try {
      Path file = named.toRealPath();
      if (file.startsWith(real)) {
        return file;
      }
    } catch (IOException e) {
      if (existing(named).startsWith(real)) {
        throw new UnreadableImageException(
            shortened(address) + ": expected an image file, found " + e, e);
      }
    } // outside, what is there and what is not is refused alike
    throw new IllegalArgumentException(
        shortened(address) + ": expected a file within " + folder + ", found a path outside");
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      throw new UnreadableImageException(folder + ": expected a folder of images, found " + e, e);
    }
  }

  /** Of a file that is not there: how far its path leads, without links. */
  private static Path existing(Path path) {
    Path parent = path.getParent();
    if (parent == null || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return path.getRoot(); // a link to nowhere, or nothing at all
    }
    try {
      return parent.toRealPath();
    } catch (IOException e) {
      return existing(parent);
    }
  }

  private static String shortened(URI address) {
    String text = address.toString();
    return text.length() <= 120 ? text : text.substring(0, 120) + "…";
  }
}
