package io.github.blip2j.internal.image;

import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;

/**
 * Where the first frame of an animation lies on its screen, all in pixels.
 *
 * @param width of the screen
 * @param height of the screen
 * @param left where the frame begins
 * @param top where the frame begins
 */
record Canvas(int width, int height, int left, int top) {
  private static final String GIF_METADATA = "javax_imageio_gif_image_1.0";

  /** A still picture: the frame is the screen. */
  static Canvas still(int width, int height) {
    return new Canvas(width, height, 0, 0);
  }

  /** Reads a GIF; a frame that sticks out makes the screen larger, as in Pillow. */
  static Canvas gif(byte[] data, IIOMetadata frame) {
    Element root = (Element) frame.getAsTree(GIF_METADATA);
    Element place = (Element) root.getElementsByTagName("ImageDescriptor").item(0);
    int left = Integer.parseInt(place.getAttribute("imageLeftPosition"));
    int top = Integer.parseInt(place.getAttribute("imageTopPosition"));
    int right = left + Integer.parseInt(place.getAttribute("imageWidth"));
    int bottom = top + Integer.parseInt(place.getAttribute("imageHeight"));
    int width = Math.max(right, littleEndian(data, 6, 2));
    return new Canvas(width, Math.max(bottom, littleEndian(data, 8, 2)), left, top);
  }

  /** Pixels of the screen. */
  long pixels() {
    return (long) width * height;
  }

  /** Lays a frame on a screen of one colour, 0xRRGGBB. */
  RgbImage place(RgbImage frame, int color) {
    if (frame.width() == width && frame.height() == height) {
      return frame;
    }
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) (color >> 16);
      rgb[i + 1] = (byte) (color >> 8);
      rgb[i + 2] = (byte) color;
    }
    int row = 3 * frame.width();
    for (int y = 0; y < frame.height(); y++) {
      System.arraycopy(frame.rgb(), y * row, rgb, 3 * ((top + y) * width + left), row);
    }
    return new RgbImage(width, height, rgb);
  }

  private static int littleEndian(byte[] data, int offset, int bytes) {
    int value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | data[offset + i] & 0xff;
    }
    return value;
  }
}
