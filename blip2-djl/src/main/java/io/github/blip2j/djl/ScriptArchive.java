package io.github.blip2j.djl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript archive without tensors: a stored zip of the module's text and a pickled instance
 * (format: {@code torch/csrc/jit/serialization/import.cpp}).
 */
final class ScriptArchive {
  private ScriptArchive() {}

  /**
   * Packs a module.
   *
   * @param className the class that the text defines, without its package {@code __torch__}
   * @param text the class
   * @param lists names of its attributes of type {@code List[Tensor]}, empty at first
   * @param optional names of its optional attributes, none at first
   */
  static byte[] of(String className, String text, List<String> lists, List<String> optional) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "data.pkl", instance(className, lists, optional));
      put(zip, "code/__torch__.py", text.getBytes(StandardCharsets.UTF_8));
      put(zip, "constants.pkl", ascii("\u0080\u0002)."));
      put(zip, "version", ascii("10\n"));
      put(zip, "byteorder", ascii("little"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("blip2/" + name);
    entry.setTime(0);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** Pickle, protocol 2: an object of the class with its attributes. */
  private static byte[] instance(String className, List<String> lists, List<String> optional) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii("\u0080\u0002c__torch__\n" + className + "\n)\u0081}("));
    for (String name : lists) {
      name(out, name);
      out.writeBytes(ascii("ctorch.jit._pickle\nbuild_tensorlist\n]\u0085R"));
    }
    for (String name : optional) {
      name(out, name);
      out.write('N');
    }
    out.writeBytes(ascii("ub."));
    return out.toByteArray();
  }

  private static void name(ByteArrayOutputStream out, String name) {
    out.write('X');
    out.writeBytes(new byte[] {(byte) name.length(), 0, 0, 0});
    out.writeBytes(ascii(name));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
