package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Images as users name them: a file, what {@code blip2 encode} made of one, a {@code file:} or
 * {@code data:} URI, or {@code -} for standard input. For one thread; without standard input safe
 * for many.
 */
final class Inputs {
  /** What follows image arguments in a command's help. */
  static final String KINDS = "a file, a file: or data: URI, or - for standard input";

  private static final String STANDARD_INPUT = "-";
  private static final int LONGEST_HEAD = 80; // of a data: URI
  private static final String ENCODED = ".safetensors";

  /** What programs that write base64 break it with, and no URI has. */
  private static final Pattern WHITE = Pattern.compile("[ \\t\\r\\n]+");

  private final @Nullable InputStream input;
  private @Nullable ImageSource read;

  private Inputs(@Nullable InputStream input) {
    this.input = input;
  }

  /** Images, of which one may come from standard input. */
  static Inputs withStandardInput() {
    return new Inputs(System.in);
  }

  /** Images where standard input has something else. */
  static Inputs withoutStandardInput() {
    return new Inputs(null);
  }

  /**
   * Looks for an image without decoding it, so that a slip is found before a model is loaded.
   *
   * @throws UnreadableImageException if there is none
   * @throws IllegalArgumentException if it is named wrongly
   */
  void require(String text) {
    ImageInput image = isEncoded(text) ? ImageSource.of(path(text)) : image(text);
    if (image instanceof ImageSource source) {
      try {
        source.open().close();
      } catch (IOException e) {
        throw new UnreadableImageException(name(text) + ": cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** Why images cannot be used, by their names; says so on {@code err}. Empty if all are there. */
  Map<String, String> missing(List<String> texts, PrintWriter err) {
    Map<String, String> missing = new LinkedHashMap<>();
    for (String text : texts) {
      try {
        require(text);
      } catch (UnreadableImageException | IllegalArgumentException e) {
        if (missing.put(text, String.valueOf(e.getMessage())) == null) {
          Faults.say(err, String.valueOf(e.getMessage()));
        }
      }
    }
    err.flush();
    return missing;
  }

  /** The image of that name, which {@link #require} would find. */
  ImageInput image(String text) {
    if (text.equals(STANDARD_INPUT)) {
      return standardInput();
    }
    if (isUri(text, "data")) {
      return ImageSource.of(uri(text));
    }
    Path path = path(text);
    return isEncoded(text) ? EncodedImage.load(path) : ImageSource.of(path);
  }

  /**
   * The image of that name, of which a model can use what is seen before it is decoded.
   *
   * @throws UnreadableImageException if it is named wrongly, or encoded and damaged or of another
   *     checkpoint
   */
  ImageInput usable(String text, Blip2 blip2) {
    ImageInput image;
    try {
      image = image(text);
    } catch (CheckpointException | IllegalArgumentException e) {
      throw new UnreadableImageException(String.valueOf(e.getMessage()), e);
    }
    if (!(image instanceof EncodedImage encoded)) {
      return image;
    }
    try {
      return blip2.encode(encoded);
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException(name(text) + ": " + e.getMessage(), e);
    }
  }

  /**
   * An image as it was stored, which each model encodes for itself.
   *
   * @throws UnreadableImageException if there is none
   * @throws IllegalArgumentException if it is encoded already, or named wrongly
   */
  ImageSource unencoded(String text) {
    require(text);
    if (image(text) instanceof ImageSource source) {
      return source;
    }
    throw new IllegalArgumentException(
        "image (" + text + ") must not be encoded, since each precision encodes it for itself");
  }

  /** What results call an image: its name, a {@code data:} URI without its data. */
  static String name(String text) {
    if (!isUri(text, "data")) {
      return text;
    }
    int head = text.indexOf(',') + 1;
    return text.substring(0, Math.min(head > 0 ? head : text.length(), LONGEST_HEAD)) + "…";
  }

  private ImageSource standardInput() {
    if (read == null) {
      if (input == null) {
        throw new IllegalArgumentException(
            "image (-) must be a file or a URI here, since standard input has something else");
      }
      read = ImageSource.of(input);
    }
    return read;
  }

  /** A path that a user wrote, or the path of a {@code file:} URI. */
  static Path path(String text) {
    if (isUri(text, "http") || isUri(text, "https")) {
      throw new IllegalArgumentException(
          "image (" + text + ") must be a local file or a data: URI: nothing is downloaded");
    }
    try {
      if (text.isBlank()) {
        throw new InvalidPathException(text, "found no letters");
      }
      return isUri(text, "file") ? Path.of(uri(withoutHost(text))) : Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(
          "image (" + text.replace('\0', '?') + ") must be a path: " + e.getReason(), e);
    } catch (IllegalArgumentException e) { // of a URI
      throw new IllegalArgumentException(
          "image (" + text + ") must name a local file: " + e.getMessage(), e);
    }
  }

  private static String withoutHost(String uri) {
    String host = "file://localhost/";
    boolean named = uri.regionMatches(true, 0, host, 0, host.length());
    return named ? "file:///" + uri.substring(host.length()) : uri;
  }

  /** Whether a text is a URI or standard input, and not a path. */
  static boolean isAddress(String text) {
    return text.equals(STANDARD_INPUT) || isUri(text, "data") || isUri(text, "file");
  }

  private static boolean isEncoded(String text) {
    return !isUri(text, "data") && text.toLowerCase(Locale.ROOT).endsWith(ENCODED);
  }

  private static boolean isUri(String text, String scheme) {
    return text.regionMatches(true, 0, scheme + ":", 0, scheme.length() + 1);
  }

  private static URI uri(String text) {
    try {
      return new URI(isUri(text, "data") ? WHITE.matcher(text).replaceAll("") : text);
    } catch (URISyntaxException e) {
      String reason = "must be a URI: " + e.getReason();
      throw new IllegalArgumentException(
          isUri(text, "data") ? "image (" + name(text) + ") " + reason : "it " + reason, e);
    }
  }
}
