package io.github.blip2j.server;

import io.github.blip2j.server.http.Refusal;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Encoded images by ids that cannot be guessed; of too many the least recently used is forgotten.
 * Safe for many threads.
 */
final class ImageStore {
  private static final int ID_BYTES = 16;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, ServerImage> images;

  ImageStore(int most) {
    images =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, ServerImage> eldest) {
            return size() > most;
          }
        };
  }

  /** Keeps an image that has been encoded, and gives its id. */
  String keep(ServerImage image) {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    String name = HexFormat.of().formatHex(id);
    synchronized (images) {
      images.put(name, image);
    }
    return name;
  }

  /**
   * An image.
   *
   * @throws Refusal 404 if it has been forgotten, or never was
   */
  ServerImage require(String id) {
    synchronized (images) {
      ServerImage image = images.get(id);
      if (image == null) {
        throw unknown();
      }
      return image;
    }
  }

  /** Forgets an image. */
  void forget(String id) {
    synchronized (images) {
      if (images.remove(id) == null) {
        throw unknown();
      }
    }
  }

  private static Refusal unknown() {
    return new Refusal(
        404,
        "unknown_image",
        "image_id",
        "there is no image of this id, or no longer: send it again to /api/images");
  }

  /** How many there are. */
  int size() {
    synchronized (images) {
      return images.size();
    }
  }
}
