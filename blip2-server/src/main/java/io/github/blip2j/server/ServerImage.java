package io.github.blip2j.server;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSequence;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.http.Refusal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a request is about: an image, or several in one prompt.
 *
 * @param key a digest of each one's bytes: the same images in the same order have the same
 * @param input what tasks take
 */
record ServerImage(String key, ImageInput input) {
  private static final String SCHEME = "data:";
  private static final String BASE64 = ";base64";
  private static final int SEVERAL = 64; // of 32 positions each: as many as models have room for

  /** The bytes of an image file. */
  static ServerImage of(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new ServerImage(HexFormat.of().formatHex(digest), ImageSource.of(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256, which every Java has", e);
    }
  }

  /** Images in one prompt, in this order; at least one. */
  static ServerImage together(List<ServerImage> images) {
    if (images.size() == 1) {
      return images.get(0);
    }
    return new ServerImage(
        images.stream().map(ServerImage::key).collect(Collectors.joining(",")),
        new ImageSequence(images.stream().map(ServerImage::input).toList()));
  }

  /** Most images of a prompt for a model: one whose Q-Former reads instructions takes several. */
  static int most(Blip2 blip2) {
    boolean reads =
        LoadedCheckpoint.of(blip2).source().checkpoint().config().qformer().instruction() != null;
    return reads ? SEVERAL : 1;
  }

  /** What is told to whoever sends more. */
  static String allowed(int most) {
    return most == 1
        ? "1 for this model: those whose Q-Former reads instructions (InstructBLIP) take more"
        : "at most " + most;
  }

  /**
   * The image within a {@code data:} URL in base64. Nothing else is looked at: an address of a file
   * or of another machine is refused.
   *
   * @param url as it was sent
   * @param param the field that it was sent in
   * @throws Refusal if it is something else
   */
  static ServerImage ofUrl(String url, String param) {
    int comma = url.indexOf(',');
    boolean data = url.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) && comma > 0;
    int mark = comma - BASE64.length();
    if (!data || !url.regionMatches(true, Math.max(0, mark), BASE64, 0, BASE64.length())) {
      throw new Refusal(
          400,
          "invalid_image_url",
          param,
          param
              + " (\""
              + url.substring(0, Math.min(url.length(), 30))
              + (url.length() > 30 ? "…" : "")
              + "\") must be an image in a URL like data:image/jpeg;base64,…: this server fetches"
              + " nothing");
    }
    try {
      return of(Base64.getMimeDecoder().decode(whole(url, comma + 1, param)));
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          400, "invalid_image_url", param, param + " must hold base64: " + e.getMessage());
    }
  }

  /** The decoder skips whatever is no letter of its alphabet, which only line ends may be. */
  private static String whole(String url, int from, String param) {
    for (int i = from; i < url.length(); i++) {
      char c = url.charAt(i);
      boolean letter = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
      if (!letter && "+/= \r\n\t".indexOf(c) < 0) {
        throw new Refusal(
            400,
            "invalid_image_url",
            param,
            param + " must hold base64, but letter " + (i - from) + " of it is none of base64's");
      }
    }
    return url.substring(from);
  }
}
