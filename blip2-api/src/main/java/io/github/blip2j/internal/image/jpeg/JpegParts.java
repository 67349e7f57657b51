package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;

/**
 * Reads the JPEG images that a file of another format is made of. What their components mean is
 * said by that file, whatever segments of their own say, and what they ask for is counted together.
 * For one thread.
 */
public final class JpegParts {
  private final JpegColors.Space space;
  private final JpegLimits.Work work = new JpegLimits.Work();

  private JpegParts(JpegColors.Space space) {
    this.space = space;
  }

  /**
   * Parts of one component.
   *
   * @return a reader of them, which gives each level three times
   */
  public static JpegParts gray() {
    return new JpegParts(JpegColors.Space.GRAY);
  }

  /**
   * Parts of red, green and blue.
   *
   * @return a reader of them
   */
  public static JpegParts rgb() {
    return new JpegParts(JpegColors.Space.RGB);
  }

  /**
   * Parts of luma and chroma.
   *
   * @return a reader of them
   */
  public static JpegParts lumaAndChroma() {
    return new JpegParts(JpegColors.Space.YCC);
  }

  /**
   * Reads the markers of one part.
   *
   * @param data the whole part with its tables, which is not copied and must not change
   * @return the part, not yet decoded
   * @throws IOException as {@link JpegFile#of} does, also when decoding all parts so far would take
   *     very long, and when it has another number of components
   */
  public JpegFile read(byte[] data) throws IOException {
    return JpegMarkers.read(data, space, new JpegLimits(work));
  }
}
