package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Where the entries of a ZIP archive lie, all of which must be stored as they are, so that they can
 * be mapped (PKWARE, APPNOTE 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3). Nothing is unpacked, and
 * nothing is allocated that is larger than a part of the file.
 */
final class ZipEntries {
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int MOST_COMMENT = 0xffff;
  private static final long MOST_DIRECTORY = 64 << 20;
  private static final long NARROW = 0xffffffffL; // stands for a number in the ZIP64 field
  private static final int ENCRYPTED = 1;
  private static final Set<String> OUTSIDE = Set.of("", ".", ".."); // as parts of a path

  private final FileChannel channel;
  private final Path file;
  private final long size;

  private ZipEntries(FileChannel channel, Path file) throws IOException {
    this.channel = channel;
    this.file = file;
    this.size = channel.size();
  }

  /**
   * One entry.
   *
   * @param offset of its first byte in the file
   * @param bytes how many
   */
  record Entry(String name, long offset, long bytes) {}

  /** The archive's directory: offset and length in bytes. */
  private record Directory(long offset, long bytes) {}

  /**
   * Reads an archive's directory.
   *
   * @return entries by name, in the order of the directory
   * @throws CheckpointException if it is no whole archive or an entry is compressed, encrypted,
   *     outside the file or named like a path that leads out of the archive
   */
  static Map<String, Entry> read(FileChannel channel, Path file) throws IOException {
    return new ZipEntries(channel, file).entries();
  }

  private Map<String, Entry> entries() throws IOException {
    Directory directory = directory();
    ByteBuffer bytes = bytes(directory.offset(), (int) directory.bytes());
    Map<String, Entry> entries = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      Entry entry = entry(bytes, directory.offset());
      if (entries.put(entry.name(), entry) != null) {
        throw refused("an entry's name once", entry.name() + " twice");
      }
    }
    return entries;
  }

  private Directory directory() throws IOException {
    int length = (int) Math.min(size, END_BYTES + MOST_COMMENT);
    ByteBuffer tail = bytes(size - length, length);
    int at = length - END_BYTES;
    while (at >= 0
        && !(tail.getInt(at) == END && at + END_BYTES + uShort(tail, at + 20) == length)) {
      at--;
    }
    if (at < 0) {
      throw refused("a ZIP archive as torch.save writes it", "no end of its directory: it is cut");
    }
    long end = size - length + at;
    Directory found = new Directory(uInt(tail, at + 16), uInt(tail, at + 12));
    if (at >= LOCATOR_BYTES && tail.getInt(at - LOCATOR_BYTES) == LOCATOR_64) {
      end = tail.getLong(at - LOCATOR_BYTES + 8);
      if (end < 0 || end > size - 56) {
        throw refused("a ZIP64 directory in the file's " + size + " bytes", "one at " + end);
      }
      ByteBuffer wide = bytes(end, 56);
      if (wide.getInt(0) != END_64) {
        throw refused("a ZIP64 directory at byte " + end, "none");
      }
      found = new Directory(wide.getLong(48), wide.getLong(40));
    }
    if (found.offset() < 0
        || found.bytes() < 0
        || found.bytes() > MOST_DIRECTORY
        || found.offset() > end - found.bytes()) {
      throw refused(
          "a directory of at most " + MOST_DIRECTORY + " bytes before byte " + end,
          found.bytes() + " at " + found.offset());
    }
    return found;
  }

  private Entry entry(ByteBuffer directory, long end) throws IOException {
    int at = directory.position();
    if (directory.remaining() < CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
      throw refused("an entry of the ZIP directory", "something else at its byte " + at);
    }
    int nameBytes = uShort(directory, at + 28);
    int extraBytes = uShort(directory, at + 30);
    int all = CENTRAL_BYTES + nameBytes + extraBytes + uShort(directory, at + 32);
    if (directory.remaining() < all) {
      throw refused("an entry of " + all + " bytes", directory.remaining() + " left");
    }
    String name = name(directory, at + CENTRAL_BYTES, nameBytes);
    requirePlain(name, directory, at);
    long bytes = uInt(directory, at + 24);
    long local = uInt(directory, at + 42);
    if (bytes == NARROW || local == NARROW) {
      ByteBuffer wide = wide(directory, at + CENTRAL_BYTES + nameBytes, extraBytes, name);
      bytes = bytes == NARROW ? next(wide, name) : bytes;
      if (uInt(directory, at + 20) == NARROW) {
        next(wide, name); // the size in the archive, which is the same
      }
      local = local == NARROW ? next(wide, name) : local;
    }
    directory.position(at + all);
    return new Entry(name, start(name, local, bytes, end), bytes);
  }

  private void requirePlain(String name, ByteBuffer directory, int at) {
    int method = uShort(directory, at + 10);
    if (method != 0) {
      throw refused(name + " stored without compression", "method " + method);
    }
    if ((uShort(directory, at + 8) & ENCRYPTED) != 0) {
      throw refused(name + " in the clear", "an encrypted entry");
    }
    if (uInt(directory, at + 20) != uInt(directory, at + 24)) {
      throw refused(name + " with one size", "two");
    }
    if (name.contains("\\") || !Collections.disjoint(List.of(name.split("/", -1)), OUTSIDE)) {
      throw refused("entries with names inside the archive", name);
    }
  }

  /** The fields of 64 bits; empty if there are none. */
  private ByteBuffer wide(ByteBuffer directory, int from, int length, String name) {
    int at = from;
    while (at + 4 <= from + length) {
      int bytes = uShort(directory, at + 2);
      if (uShort(directory, at) == 1 && at + 4 + bytes <= from + length) {
        return directory
            .duplicate()
            .order(ByteOrder.LITTLE_ENDIAN)
            .position(at + 4)
            .limit(at + 4 + bytes);
      }
      at += 4 + bytes;
    }
    throw refused(name + " with sizes of 64 bits", "none");
  }

  private long next(ByteBuffer wide, String name) {
    if (wide.remaining() < 8) {
      throw refused(name + " with sizes of 64 bits", wide.remaining() + " bytes of them");
    }
    return wide.getLong();
  }

  /** Where an entry's bytes start, behind its own header. */
  private long start(String name, long local, long bytes, long end) throws IOException {
    if (local < 0 || bytes < 0 || local > end - LOCAL_BYTES) {
      throw refused(name + " before byte " + end, bytes + " bytes at " + local);
    }
    ByteBuffer header = bytes(local, LOCAL_BYTES);
    int nameBytes = uShort(header, 26);
    long start = local + LOCAL_BYTES + nameBytes + uShort(header, 28);
    if (header.getInt(0) != LOCAL || start > end - bytes) {
      throw refused(name + " before byte " + end, bytes + " bytes at " + start);
    }
    String own = name(bytes(local + LOCAL_BYTES, nameBytes), 0, nameBytes);
    if (!own.equals(name)) {
      throw refused(name + " at byte " + local, "an entry that is called " + own);
    }
    return start;
  }

  private static String name(ByteBuffer bytes, int from, int length) {
    byte[] name = new byte[length];
    bytes.get(from, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static int uShort(ByteBuffer bytes, int at) {
    return bytes.getShort(at) & 0xffff;
  }

  private static long uInt(ByteBuffer bytes, int at) {
    return bytes.getInt(at) & NARROW;
  }

  private ByteBuffer bytes(long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ended at byte " + (at + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private CheckpointException refused(String expected, String found) {
    return new CheckpointException(
        String.format(Locale.ROOT, "%s: expected %s, found %s", file, expected, found));
  }
}
