package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.PreparedFiles;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DerivedFileTest {
  private static final WeightFiles NO_SOURCES = WeightFiles.of(List.of());

  @TempDir Path folder;
  private int made;

  private Path file() {
    return folder.resolve("onnx").resolve("it.safetensors");
  }

  private List<WeightTensor> open(int floats) {
    return DerivedFile.open(
        file(),
        NO_SOURCES,
        () -> {
          made++;
          var entry = new SafetensorsWriter.Entry("w", DType.F32, List.of((long) floats));
          try (SafetensorsWriter writer = new SafetensorsWriter(file(), List.of(entry))) {
            byte[] bytes = new byte[4 * floats];
            java.util.Arrays.fill(bytes, (byte) 1);
            writer.write(ByteBuffer.wrap(bytes));
            writer.commit();
            return writer.checksum();
          }
        });
  }

  private void flip(long at) throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {5}), at);
    }
  }

  @Test
  void aFileIsMadeOnce() {
    assertThat(open(100).get(0).floats()).hasSize(100);
    open(100);
    assertThat(made).isEqualTo(1);
  }

  /** Another process holds the lock and looks at nobody who only checks. */
  @Test
  void aFileThatIsBeingMadeAnewIsNotThere() throws Exception {
    open(100);
    byte[] whole = Files.readAllBytes(file());
    long checksum = checksum(whole);
    FutureTask<Integer> remaking =
        new FutureTask<>(
            () -> {
              for (int i = 0; i < 300; i++) {
                Files.delete(file());
                Files.write(file(), whole);
                FileSeal.write(file(), checksum);
              }
              return 300;
            });
    new Thread(remaking).start();
    while (!remaking.isDone()) {
      FileSeal.holds(file());
    }
    assertThat(remaking.get()).isEqualTo(300);
    assertThat(FileSeal.holds(file())).isTrue();
  }

  private static long checksum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return sum.getValue();
  }

  @Test
  void whatIsDamagedIsMadeAnew() throws IOException {
    open(100);
    byte[] whole = Files.readAllBytes(file());
    FileTime time = Files.getLastModifiedTime(file());
    int before = made;
    for (byte[] damaged :
        List.of(
            new byte[whole.length],
            new byte[0],
            java.util.Arrays.copyOf(whole, whole.length - 1),
            java.util.Arrays.copyOf(whole, whole.length + 1))) {
      Files.write(file(), damaged);
      Files.setLastModifiedTime(file(), time); // even if its time says otherwise
      open(100);
      assertThat(made).isEqualTo(++before);
      assertThat(Files.readAllBytes(file())).isEqualTo(whole);
    }
    for (int at : new int[] {0, 9, 30, whole.length - 7}) {
      flip(at);
      open(100);
      assertThat(made).isEqualTo(++before);
    }
    Files.delete(file());
    open(100);
    Files.writeString(FileSeal.place(file()), "blip2-derived-1 x y z");
    open(100);
    Files.delete(FileSeal.place(file()));
    open(100);
    assertThat(made).isEqualTo(before + 3);
  }

  /** A large file is read whole when its time has changed, and trusted again if it is right. */
  @Test
  void aLargeFileIsReadWholeWhenItsTimeChanged() throws IOException {
    int floats = (int) (FileSeal.SMALL / 4) + 1000;
    open(floats);
    flip(FileSeal.SMALL / 2);
    open(floats);
    assertThat(made).isEqualTo(2);
    Files.setLastModifiedTime(file(), FileTime.fromMillis(12345));
    open(floats);
    assertThat(made).isEqualTo(2);
    assertThat(Files.readString(FileSeal.place(file()))).contains(" 1970-01-01T00:00:12.345Z ");
  }

  @Test
  void whatAKilledProcessLeftIsSwept() throws IOException {
    Files.createDirectories(file().getParent());
    Path left = file().resolveSibling("other.safetensors.17-4.partial");
    Files.write(left, new byte[100]);
    open(100);
    assertThat(left).doesNotExist();
    assertThat(PreparedFiles.in(folder).trim(0)).isPositive();
    assertThat(FileSeal.place(file())).doesNotExist();
  }

  private FileChannel lockFile() throws IOException {
    Files.createDirectories(file().getParent());
    return FileChannel.open(
        file().resolveSibling(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** As the library does in another class loader of this process, of whose locks it cannot know. */
  @Test
  void itWaitsForALockOfThisProcess() throws Exception {
    FutureTask<List<WeightTensor>> opening = new FutureTask<>(() -> open(100));
    Thread thread = new Thread(opening);
    try (FileChannel other = lockFile();
        FileLock held = other.lock()) {
      thread.start();
      while (!opening.isDone() && thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      assertThat(opening.isDone()).isFalse();
      assertThat(made).isZero();
      held.release();
      assertThat(opening.get().get(0).floats()).hasSize(100);
    }
    assertThat(made).isEqualTo(1);
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    try (FileChannel other = lockFile();
        FileLock held = other.lock()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> open(100))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("it.safetensors: cannot be prepared");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(held.isValid()).isTrue();
    }
    assertThat(file()).doesNotExist();
  }

  /** Its name was chosen for what was there before. */
  @Test
  void ofASourceThatIsReplacedMeanwhileNothingIsKept() throws IOException {
    Path source = Files.write(folder.resolve("source"), new byte[8]);
    WeightFiles sources = WeightFiles.of(List.of(source));
    open(100); // makes the folder
    Path file = file().resolveSibling("other.safetensors");
    assertThatThrownBy(
            () ->
                DerivedFile.open(
                    file,
                    sources,
                    () -> {
                      try {
                        Files.copy(file(), file);
                        Path other = Files.write(folder.resolve("new"), new byte[8]);
                        Files.move(other, source, StandardCopyOption.REPLACE_EXISTING);
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                      return 1;
                    }))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("source: expected 8 bytes of ")
        .hasMessageContaining("it was replaced while it was read");
    assertThat(file).doesNotExist();
  }

  @Test
  void aMakerThatFailsLeavesNothing() {
    assertThatThrownBy(
            () ->
                DerivedFile.open(
                    file(),
                    NO_SOURCES,
                    () -> {
                      throw new CheckpointException("stop");
                    }))
        .hasMessage("stop");
    assertThat(file()).doesNotExist();
  }
}
