package io.github.blip2j.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes archives as torch.save does, byte for byte, and others that it would not write. */
final class TorchArchive {
  /** Offsets of fields in an entry of the directory that tests overwrite. */
  static final int FLAGS = 8;

  static final int METHOD = 10;
  static final int PACKED = 20;
  static final int PLAIN = 24;
  static final int LOCAL = 42;

  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final Map<Integer, Integer> overwritten = new LinkedHashMap<>();
  private boolean wide;

  TorchArchive with(String name, byte[] bytes) {
    entries.put(name, bytes);
    return this;
  }

  /** With an archive's folder, a pickle, and a storage of float32. */
  static TorchArchive of(byte[] pickle, float... storage) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * storage.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(storage);
    return new TorchArchive().with("a/data.pkl", pickle).with("a/data/0", bytes.array());
  }

  /** Writes a number into the directory's entry of the pickle. */
  TorchArchive overwriting(int field, int value) {
    overwritten.put(field, value);
    return this;
  }

  /** Sizes and places of the directory in 64 bits, as for files beyond 4 GiB. */
  TorchArchive inZip64() {
    wide = true;
    return this;
  }

  Path write(Path file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Integer> places = new ArrayList<>();
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      places.add(out.size());
      byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
      int padding = (64 - (out.size() + 30 + name.length) % 64) % 64; // torch aligns data
      out.writeBytes(
          little(30)
              .putInt(0, 0x04034b50)
              .putShort(6, (short) 0x808)
              .putShort(26, (short) name.length)
              .putShort(28, (short) padding)
              .array());
      out.writeBytes(name);
      out.writeBytes(new byte[padding]);
      out.writeBytes(entry.getValue());
      out.writeBytes(new byte[16]); // the data descriptor
    }
    int directory = out.size();
    int index = 0;
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      out.writeBytes(central(entry.getKey(), entry.getValue().length, places.get(index++)));
    }
    end(out, directory);
    return Files.write(file, out.toByteArray());
  }

  private byte[] central(String called, int size, int place) {
    byte[] name = called.getBytes(StandardCharsets.UTF_8);
    byte[] extra = wide ? wide(size, place) : new byte[0];
    ByteBuffer header = little(46);
    header.putInt(0, 0x02014b50).putShort(FLAGS, (short) 0x808);
    header.putInt(PACKED, wide ? -1 : size).putInt(PLAIN, wide ? -1 : size);
    header.putShort(28, (short) name.length).putShort(30, (short) extra.length);
    header.putInt(LOCAL, wide ? -1 : place);
    if (called.endsWith("data.pkl")) {
      overwritten.forEach(
          (field, value) -> {
            if (field < PACKED) {
              header.putShort(field, value.shortValue());
            } else {
              header.putInt(field, value);
            }
          });
    }
    byte[] all = new byte[46 + name.length + extra.length];
    System.arraycopy(header.array(), 0, all, 0, 46);
    System.arraycopy(name, 0, all, 46, name.length);
    System.arraycopy(extra, 0, all, 46 + name.length, extra.length);
    return all;
  }

  private static byte[] wide(int size, int place) {
    return little(28)
        .putShort((short) 1)
        .putShort((short) 24)
        .putLong(size)
        .putLong(size)
        .putLong(place)
        .array();
  }

  private void end(ByteArrayOutputStream out, int directory) {
    int end = out.size();
    int length = end - directory;
    if (wide) {
      out.writeBytes(
          little(56).putInt(0, 0x06064b50).putLong(40, length).putLong(48, directory).array());
      out.writeBytes(little(20).putInt(0, 0x07064b50).putLong(8, end).array());
    }
    out.writeBytes(
        little(22)
            .putInt(0, 0x06054b50)
            .putInt(12, wide ? -1 : length)
            .putInt(16, wide ? -1 : directory)
            .array());
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
