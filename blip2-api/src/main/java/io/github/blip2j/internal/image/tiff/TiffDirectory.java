package io.github.blip2j.internal.image.tiff;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One directory of a TIFF file or EXIF block, its values left in the file. Of what is damaged, the
 * entries before the damage are kept, as in Pillow. Immutable.
 */
final class TiffDirectory {
  /** The tag of the orientation, 1 to 8. */
  static final int ORIENTATION = 274;

  /** The tag of an XMP packet. */
  static final int XMP = 700;

  private static final int LARGEST_TAG = 700; // larger ones say nothing about pixels
  private static final int[] SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};

  private final byte[] data;
  private final boolean bigEndian;
  private final boolean big;
  private final Map<Integer, Entry> entries = new HashMap<>();

  private TiffDirectory(byte[] data) throws IOException {
    this.data = data;
    if (data.length < 8 || data[0] != data[1] || data[0] != 'I' && data[0] != 'M') {
      throw new IOException("no TIFF header");
    }
    this.bigEndian = data[0] == 'M';
    this.big = data[2] == 43 && !bigEndian; // Pillow knows BigTIFF in this order only
    if (data[2] + data[3] != (big ? 43 : 42) || data[2] != 0 && data[3] != 0) {
      throw new IOException("no TIFF header");
    }
  }

  /** Where a tag's values are: their type, how many they are, and where the first is. */
  private record Entry(int type, long count, int at) {}

  /**
   * Reads the first directory.
   *
   * @param data a whole TIFF file, or an EXIF block without its prefix
   * @throws IOException when there is none
   */
  static TiffDirectory first(byte[] data) throws IOException {
    TiffDirectory directory = new TiffDirectory(data);
    if (directory.big && data.length < 16) {
      throw new IOException("no TIFF header");
    }
    long at = directory.big ? directory.integer(8, 8) : directory.integer(4, 4);
    directory.load(at);
    return directory;
  }

  private void load(long start) {
    int countBytes = big ? 8 : 2;
    if (start < 0 || start > data.length - countBytes) {
      return;
    }
    long count = integer((int) start, countBytes);
    int size = big ? 20 : 12;
    int at = (int) start + countBytes;
    for (long i = 0; i != count && at + size <= data.length; i++, at += size) {
      int tag = (int) integer(at, 2);
      int type = (int) integer(at + 2, 2);
      long values = integer(at + 4, big ? 8 : 4);
      int unit = type < SIZES.length ? SIZES[type] : 0;
      if (unit == 0 || values == 0) {
        continue;
      }
      int inline = big ? 8 : 4;
      int place = at + (big ? 12 : 8);
      if (values < 0 || values > data.length || values * unit > inline) {
        long offset = integer(place, inline);
        if (offset < 0
            || values < 0
            || values > data.length
            || offset > data.length - values * unit) {
          return;
        }
        place = (int) offset;
      }
      if (tag <= LARGEST_TAG) {
        entries.put(tag, new Entry(type, values, place));
      }
    }
  }

  /** Whether integers of the file, and samples of more than 8 bits, begin with their high byte. */
  boolean bigEndian() {
    return bigEndian;
  }

  /** Whether the directory has a tag. */
  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  /** How many values a tag has; 0 when it is not there. */
  long count(int tag) {
    Entry entry = entries.get(tag);
    return entry == null ? 0 : entry.count;
  }

  /**
   * The first value of a tag.
   *
   * @param tag the tag
   * @param otherwise what is returned when it is not there, or no integer
   */
  long value(int tag, long otherwise) {
    return value(tag, 0, otherwise);
  }

  /** One value of a tag. */
  long value(int tag, long index, long otherwise) {
    Entry entry = entries.get(tag);
    if (entry == null || index >= entry.count) {
      return otherwise;
    }
    int at = (int) (entry.at + index * SIZES[entry.type]);
    return switch (entry.type) {
      case 3, 4, 13, 16 -> integer(at, SIZES[entry.type]);
      case 6 -> data[at];
      case 8 -> (short) integer(at, 2);
      case 9 -> (int) integer(at, 4);
      case 5, 10 -> ratio(at, entry.type == 10, otherwise);
      default -> otherwise;
    };
  }

  /** A fraction that is whole. */
  private long ratio(int at, boolean signed, long otherwise) {
    long above = signed ? (int) integer(at, 4) : integer(at, 4);
    long below = signed ? (int) integer(at + 4, 4) : integer(at + 4, 4);
    return below != 0 && above % below == 0 ? above / below : otherwise;
  }

  /** One value of a tag of fractions. */
  float fraction(int tag, int index, float otherwise) {
    Entry entry = entries.get(tag);
    if (entry == null || index >= entry.count || entry.type != 5) {
      return otherwise;
    }
    int at = entry.at + 8 * index;
    long below = integer(at + 4, 4);
    return below == 0 ? 0 : (float) ((double) integer(at, 4) / below);
  }

  /** Where the values of a tag of bytes are in the file, and how many; empty when it has none. */
  byte[] bytes(int tag) {
    Entry entry = entries.get(tag);
    if (entry == null || SIZES[entry.type] != 1) {
      return new byte[0];
    }
    return Arrays.copyOfRange(data, entry.at, entry.at + (int) entry.count);
  }

  private long integer(int at, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      int next = bigEndian ? at + i : at + bytes - 1 - i;
      value = value << 8 | data[next] & 0xff;
    }
    return value;
  }
}
