package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Pickle.Tuple;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A state dict as {@code torch.save} writes it since PyTorch 1.6: a ZIP archive, nothing of which
 * is compressed, with a pickle that says which tensors there are and an entry for the bytes of each
 * storage. Tensors are used where they lie, but for those that are not row-major. Source: PyTorch,
 * {@code torch/serialization.py}.
 */
final class TorchFile {
  private static final long MOST_PICKLE = 16 << 20;
  private static final Pattern PICKLE = Pattern.compile("([^/]+)/data\\.pkl");
  private static final Pattern KEY = Pattern.compile("\\d{1,10}");
  private static final byte[] OLD = {
    (byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a
  };

  /** Keys under which training scripts put a state dict beside their own state. */
  private static final List<String> NESTED = List.of("state_dict", "model");

  private final Path file;
  private final Map<String, ZipEntries.Entry> entries;
  private final String root;

  private TorchFile(Path file, Map<String, ZipEntries.Entry> entries, String root) {
    this.file = file;
    this.entries = entries;
    this.root = root;
  }

  /**
   * Reads which tensors a file has.
   *
   * @param cache where tensors that are not row-major are kept rewritten; asked for only then
   * @return tensors by name, in the order of the state dict
   * @throws CheckpointException if the file is missing, damaged, of another kind, or says anything
   *     but tensors; the message names what
   */
  static Map<String, WeightTensor> read(Path file, Supplier<Path> cache) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": expected a file of PyTorch's, found none");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      refuseOld(channel, file);
      Map<String, ZipEntries.Entry> entries = ZipEntries.read(channel, file);
      List<String> roots =
          entries.keySet().stream()
              .map(PICKLE::matcher)
              .filter(java.util.regex.Matcher::matches)
              .map(m -> m.group(1))
              .toList();
      if (roots.size() != 1) {
        throw refused(file, "one data.pkl in a folder of the archive", roots.size() + "");
      }
      TorchFile torch = new TorchFile(file, entries, roots.get(0));
      torch.requireLittleEndian(channel);
      return RowMajor.of(file, torch.views(channel), cache);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  private static void refuseOld(FileChannel channel, Path file) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(OLD.length);
    if (channel.read(start, 0) == OLD.length && ByteBuffer.wrap(OLD).equals(start.flip())) {
      throw refused(
          file,
          "a ZIP archive as PyTorch writes since 1.6",
          "the older format of bare pickles; torch.save(torch.load(file), file) of a newer"
              + " PyTorch rewrites it");
    }
  }

  private void requireLittleEndian(FileChannel channel) throws IOException {
    ZipEntries.Entry entry = entries.get(root + "/byteorder");
    if (entry != null) {
      String order = StandardCharsets.UTF_8.decode(bytes(channel, entry, 16)).toString();
      if (!order.equals("little")) {
        throw refused(file, "numbers in little-endian order", "\"" + order + "\"");
      }
    }
  }

  private Map<String, TensorView> views(FileChannel channel) throws IOException {
    ZipEntries.Entry entry = entry(root + "/data.pkl");
    String where = file + ": " + entry.name();
    Object state = Pickle.read(where, bytes(channel, entry, MOST_PICKLE), this::storage);
    if (!(state instanceof Map<?, ?> outer)) {
      throw new CheckpointException(where + ": expected a dict of tensors, found something else");
    }
    Map<?, ?> dict = outer;
    for (String key : NESTED) {
      if (outer.get(key) instanceof Map<?, ?> inner) {
        dict = inner;
      }
    }
    Map<String, TensorView> views = new LinkedHashMap<>();
    dict.forEach(
        (name, value) -> {
          if (!(name instanceof String text && value instanceof TensorView view)) {
            throw new CheckpointException(
                where + ": " + name + ": expected a tensor with a name, found something else");
          }
          views.put(text, view);
        });
    return views;
  }

  /** ("storage", type, key, device, elements) */
  private Storage storage(Tuple id) {
    List<Object> parts = id.items();
    if (parts.size() != 5
        || !parts.get(0).equals("storage")
        || !(parts.get(1) instanceof DType dtype)
        || !(parts.get(2) instanceof String key && KEY.matcher(key).matches())
        || !(parts.get(4) instanceof Long elements && elements >= 0)) {
      throw refused(file, "ids of storages in data.pkl", "another one");
    }
    ZipEntries.Entry entry = entry(root + "/data/" + key);
    if (elements > entry.bytes() / dtype.bytes()) {
      throw refused(
          file,
          String.format(Locale.ROOT, "%d elements of %s in %s", elements, dtype, entry.name()),
          entry.bytes() + " bytes");
    }
    return new Storage(file + ": " + entry.name(), dtype, elements, entry.offset());
  }

  private ZipEntries.Entry entry(String name) {
    ZipEntries.Entry entry = entries.get(name);
    if (entry == null) {
      throw refused(file, "an entry " + name, "no such entry");
    }
    return entry;
  }

  private ByteBuffer bytes(FileChannel channel, ZipEntries.Entry entry, long most)
      throws IOException {
    if (entry.bytes() > most) {
      throw refused(file, entry.name() + " of at most " + most + " bytes", entry.bytes() + "");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) entry.bytes());
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, entry.offset() + buffer.position()) < 0) {
        throw new IOException("it ended within " + entry.name());
      }
    }
    return buffer.flip();
  }

  private static CheckpointException refused(Path file, String expected, String found) {
    return new CheckpointException(file + ": expected " + expected + ", found " + found);
  }
}
