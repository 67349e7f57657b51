package io.github.blip2j.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What has to be known of a JPEG file besides its pixels. The decoder hands out the components as
 * they were coded, because only so are colour profiles left alone; how to read them is decided here
 * by libjpeg's rules (jdapimin.c, default_decompress_parms), which are also Pillow's.
 *
 * @param coding what the components mean
 * @param complete whether the end-of-image marker was found; Pillow refuses a file without it
 * @param exif the contents of the first EXIF segment, empty when there is none
 */
record JpegHeader(Coding coding, boolean complete, byte[] exif) {
  /** What the components mean. */
  enum Coding {
    GRAY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  private static final String EXIF = "Exif\0\0";

  /** Reads the markers of a whole file. */
  static JpegHeader of(byte[] data) {
    Scan scan = new Scan(data);
    boolean complete = scan.run();
    return new JpegHeader(scan.coding(), complete, scan.exif);
  }

  /** One walk over the markers; ITU T.81, annex B. */
  private static final class Scan {
    private static final int END_OF_IMAGE = 0xd9;

    private final byte[] data;
    private int at = 2;
    private byte[] components = {};
    private boolean jfif;
    private int adobe = -1;
    private byte[] exif = {};

    Scan(byte[] data) {
      this.data = data;
    }

    /** Walks to the end-of-image marker; false when the file ends before it. */
    boolean run() {
      while (toMarker()) {
        int marker = data[at++] & 0xff;
        if (marker == END_OF_IMAGE) {
          return true;
        }
        if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd8) {
          continue; // no contents
        }
        if (at + 2 > data.length) {
          return false;
        }
        int length = (data[at] & 0xff) << 8 | data[at + 1] & 0xff;
        if (at + length > data.length) {
          return false;
        }
        segment(marker, at + 2, at + Math.max(2, length));
        at += length;
      }
      return false;
    }

    /** Skips coded data, stuffed zeros, restart markers and fill bytes. */
    private boolean toMarker() {
      for (; at + 1 < data.length; at++) {
        int next = data[at + 1] & 0xff;
        boolean restart = next >= 0xd0 && next <= 0xd7;
        if (data[at] == (byte) 0xff && next != 0 && next != 0xff && !restart) {
          at++;
          return true;
        }
      }
      return false;
    }

    private void segment(int marker, int from, int to) {
      boolean frame = marker >= 0xc0 && marker <= 0xcf && marker % 4 != 0 || marker == 0xc0;
      if (frame && to - from >= 6) {
        int count = Math.min(data[from + 5] & 0xff, (to - from - 6) / 3);
        components = new byte[count];
        for (int i = 0; i < count; i++) {
          components[i] = data[from + 6 + 3 * i];
        }
      } else if (marker == 0xe0 && starts(from, to, "JFIF\0")) {
        jfif = true;
      } else if (marker == 0xee && starts(from, to, "Adobe") && to - from >= 12) {
        adobe = data[from + 11] & 0xff;
      } else if (marker == 0xe1 && exif.length == 0 && starts(from, to, EXIF)) {
        exif = Arrays.copyOfRange(data, from + EXIF.length(), to);
      }
    }

    private boolean starts(int from, int to, String text) {
      byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
      int end = Math.min(to, from + expected.length);
      return Arrays.equals(data, from, end, expected, 0, expected.length);
    }

    private Coding coding() {
      if (components.length == 4) {
        return adobe <= 0 ? Coding.CMYK : Coding.YCCK;
      }
      if (components.length != 3) {
        return Coding.GRAY;
      }
      boolean rgb =
          adobe == 0 || adobe < 0 && Arrays.equals(components, new byte[] {'R', 'G', 'B'});
      return rgb && !jfif ? Coding.RGB : Coding.YCC;
    }
  }
}
