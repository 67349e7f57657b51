package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a derived file was when it was made: size, time and checksum, in one line beside it. A small
 * file is read whole each time. A large one is read whole only if its time has changed: that costs
 * seconds, and whatever writes into a file changes its time.
 *
 * @param size bytes
 * @param modified time of the last change, as {@code FileTime} writes it
 * @param checksum CRC-32C of all bytes
 */
record FileSeal(long size, String modified, long checksum) {
  /** Bytes up to which a file is read whole each time. */
  static final long SMALL = 64 << 20;

  private static final String FORMAT = "blip2-derived-1";
  private static final int PIECE = 1 << 20;

  /** Where the seal of a file lies. */
  static Path place(Path file) {
    return file.resolveSibling(file.getFileName() + ".sum");
  }

  /** Seals a file that was just made. */
  static void write(Path file, long checksum) throws IOException {
    String modified = Files.getLastModifiedTime(file).toString();
    String line = String.join(" ", FORMAT, "" + Files.size(file), modified, "" + checksum);
    String own = file.getFileName() + ".sum." + UUID.randomUUID() + ".partial";
    Path partial = file.resolveSibling(own); // who renews a seal does so without the lock
    Files.writeString(partial, line + "\n");
    Files.move(partial, place(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether a file is there, whole, and what was sealed. */
  static boolean holds(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try {
      FileSeal seal = read(place(file)).orElse(null);
      if (seal == null || seal.size() != Files.size(file)) {
        return false;
      }
      boolean untouched = seal.modified().equals(Files.getLastModifiedTime(file).toString());
      if (!untouched || seal.size() <= SMALL) {
        if (checksum(file) != seal.checksum()) {
          return false;
        }
      }
      if (!untouched) {
        renew(file, seal.checksum());
      }
      Safetensors.read(file); // its header too
      return true;
    } catch (CheckpointException | NoSuchFileException e) {
      return false; // not whole, or another process is making it anew
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  private static void renew(Path file, long checksum) {
    try {
      write(file, checksum);
    } catch (IOException e) {
      // Where nothing can be written it is read whole again the next time.
    }
  }

  private static Optional<FileSeal> read(Path place) throws IOException {
    if (!Files.isRegularFile(place) || Files.size(place) > PIECE) {
      return Optional.empty();
    }
    byte[] bytes = Files.readAllBytes(place);
    String[] words = new String(bytes, java.nio.charset.StandardCharsets.UTF_8).strip().split(" ");
    if (words.length != 4 || !words[0].equals(FORMAT)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new FileSeal(Long.parseLong(words[1]), words[2], Long.parseLong(words[3])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static long checksum(Path file) throws IOException {
    CRC32C sum = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(piece.clear()) >= 0) {
        sum.update(piece.flip());
      }
    }
    return sum.getValue();
  }
}
