package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the Hub is reached, by the variables that {@code huggingface_hub} reads.
 *
 * @param endpoint the Hub's address, without a slash at its end
 * @param token who asks, or null
 * @param answer how long to wait for a connection
 * @param stall how long to wait for the first byte of an answer, and for each further one
 * @param links whether symbolic links may be made
 */
record HubSettings(
    URI endpoint, @Nullable Token token, Duration answer, Duration stall, boolean links) {
  private static final String OFFICIAL = "https://huggingface.co";

  /** Ten seconds, which Python's client waits, are often too short for a file that is cold. */
  private static final int STALL_SECONDS = 60;

  private static final int ANSWER_SECONDS = 10;

  /**
   * A user's token.
   *
   * @param value is sent to the endpoint and nowhere else, and printed nowhere
   * @param source where it was found, for messages
   */
  record Token(String value, String source) {
    @Override
    public String toString() {
      return "a token from " + source;
    }
  }

  /**
   * Those of an environment.
   *
   * @throws DownloadException if a variable has a value that cannot be
   */
  static HubSettings of(Locations locations) {
    return new HubSettings(
        endpoint(locations),
        locations.says("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : token(locations),
        seconds(locations, "HF_HUB_ETAG_TIMEOUT", ANSWER_SECONDS),
        seconds(locations, "HF_HUB_DOWNLOAD_TIMEOUT", STALL_SECONDS),
        !locations.says("HF_HUB_DISABLE_SYMLINKS"));
  }

  /** The variable that forbids every connection; null if none does. */
  static @Nullable String offline(Locations locations) {
    String first = locations.variable("HF_HUB_OFFLINE") != null ? "HF_HUB_OFFLINE" : null;
    String name = first != null ? first : "TRANSFORMERS_OFFLINE";
    return locations.says(name) ? name : null;
  }

  private static URI endpoint(Locations locations) {
    String named = locations.variable("HF_ENDPOINT");
    String text = (named == null ? OFFICIAL : named.strip()).replaceAll("/+$", "");
    try {
      URI uri = URI.create(text);
      if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && uri.getQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // as any other text that is no address
    }
    throw new DownloadException(
        "HF_ENDPOINT: expected an address such as " + OFFICIAL + ", found " + text);
  }

  private static Duration seconds(Locations locations, String name, int usual) {
    String value = locations.variable(name);
    if (value == null) {
      return Duration.ofSeconds(usual);
    }
    if (!value.strip().matches("\\d{1,6}") || value.strip().matches("0+")) {
      throw new DownloadException(name + ": expected seconds, at least 1, found " + value);
    }
    return Duration.ofSeconds(Long.parseLong(value.strip()));
  }

  private static @Nullable Token token(Locations locations) {
    for (String name : List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")) {
      String value = locations.variable(name);
      if (value != null) {
        return token(value, name);
      }
    }
    Path file = locations.tokenFile();
    try {
      return token(Files.readString(file), file.toString());
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new DownloadException(
          file
              + ": the file with the Hub's token cannot be read: "
              + e.getMessage()
              + "; make it readable, or set HF_TOKEN",
          e);
    }
  }

  private static @Nullable Token token(String text, String source) {
    String value = text.replaceAll("[\r\n]", "").strip();
    if (!value.matches("[\\x21-\\x7e]*")) {
      throw new DownloadException(
          source + ": expected a token of the Hub (hf_ and letters), found other characters");
    }
    return value.isEmpty() ? null : new Token(value, source);
  }
}
