package io.github.blip2j.internal.image.tiff;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes a TIFF directory of either byte order, or a BigTIFF's, entry by entry. */
final class TiffTags {
  static final int BYTE = 1;
  static final int ASCII = 2;
  static final int SHORT = 3;
  static final int LONG = 4;
  static final int RATIONAL = 5;
  static final int SIGNED_BYTE = 6;
  static final int SIGNED_SHORT = 8;
  static final int SIGNED_LONG = 9;
  static final int SIGNED_RATIONAL = 10;
  static final int FLOAT = 11;
  static final int LONG8 = 16;

  private static final int[] SIZES = {0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4, 0, 0, 8};

  private final boolean bigEndian;
  private final boolean big;
  private final List<Entry> entries = new ArrayList<>();

  private record Entry(int tag, int type, long count, byte[] values) {}

  private TiffTags(boolean bigEndian, boolean big) {
    this.bigEndian = bigEndian;
    this.big = big;
  }

  static TiffTags littleEndian() {
    return new TiffTags(false, false);
  }

  static TiffTags bigEndian() {
    return new TiffTags(true, false);
  }

  /** Offsets of 64 bits, little-endian. */
  static TiffTags big() {
    return new TiffTags(false, true);
  }

  private ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes)
        .order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }

  private static void put(ByteBuffer to, int size, long value) {
    switch (size) {
      case 1 -> to.put((byte) value);
      case 2 -> to.putShort((short) value);
      case 4 -> to.putInt((int) value);
      default -> to.putLong(value);
    }
  }

  /** Adds values; a fraction is two of them. */
  TiffTags with(int tag, int type, long... values) {
    ByteBuffer bytes = buffer(values.length * SIZES[type]);
    for (long value : values) {
      put(bytes, SIZES[type], value);
    }
    boolean fractions = type == RATIONAL || type == SIGNED_RATIONAL;
    entries.add(new Entry(tag, type, values.length / (fractions ? 2 : 1), bytes.array()));
    return this;
  }

  /** Adds an entry whose count or place says something else than is there. */
  TiffTags lying(int tag, int type, long count, long place) {
    ByteBuffer bytes = buffer(big ? 8 : 4);
    put(bytes, big ? 8 : 4, place);
    entries.add(new Entry(tag, type, count, bytes.array()));
    return this;
  }

  /** The file: header, directory, and values that do not fit into their entries. */
  byte[] toBytes() {
    int word = big ? 8 : 4;
    int start = big ? 16 : 8;
    int size = big ? 20 : 12;
    int directory = (big ? 8 : 2) + entries.size() * size + word;
    int outside = entries.stream().mapToInt(e -> e.values.length).filter(n -> n > word).sum();
    ByteBuffer file = buffer(start + directory + outside);
    file.put((byte) (bigEndian ? 'M' : 'I')).put((byte) (bigEndian ? 'M' : 'I'));
    file.putShort((short) (big ? 43 : 42));
    if (big) {
      file.putShort((short) 8).putShort((short) 0);
    }
    put(file, word, start);
    put(file, big ? 8 : 2, entries.size());
    int place = start + directory;
    for (Entry entry : entries) {
      file.putShort((short) entry.tag).putShort((short) entry.type);
      put(file, word, entry.count);
      if (entry.values.length <= word) {
        file.put(entry.values).put(new byte[word - entry.values.length]);
      } else {
        put(file, word, place);
        file.put(place, entry.values);
        place += entry.values.length;
      }
    }
    return file.array();
  }

  TiffDirectory read() throws IOException {
    return TiffDirectory.first(toBytes());
  }
}
