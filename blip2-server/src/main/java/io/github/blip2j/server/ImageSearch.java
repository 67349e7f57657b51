package io.github.blip2j.server;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images that a server finds by a text, such as those of an index. Every user of the server may see
 * all of them. Safe for many threads.
 */
public interface ImageSearch {
  /**
   * How many images there are.
   *
   * @return at least 0
   */
  int images();

  /**
   * Finds images.
   *
   * @param text what they should show
   * @param most how many at most, at least 1
   * @return the best, the best first
   * @throws IllegalStateException if the search fails; the reason is told to the log alone
   */
  List<Found> find(String text, int most);

  /**
   * An image that was found.
   *
   * @param name what the user is told it is called
   * @param similarity −1 to 1
   * @param image a file that browsers can show, PNG or JPEG, small enough for many in one answer;
   *     empty if there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // copied, and compared by content
  record Found(String name, double similarity, byte[] image) {
    /** Copies the image. */
    public Found {
      image = image.clone();
    }

    /**
     * The image.
     *
     * @return a copy
     */
    @Override
    public byte[] image() {
      return image.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Found found
          && name.equals(found.name)
          && similarity == found.similarity
          && Arrays.equals(image, found.image);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + Arrays.hashCode(image);
    }
  }
}
