package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tells tensors from others is read through files that are opened once. */
class TensorDigestTest {
  private static final int LARGE = 1 << 17; // bytes, of which only the beginning is read

  @TempDir Path folder;
  private Path one;
  private Path other;
  private List<WeightTensor> tensors;

  @BeforeEach
  void write() throws IOException {
    one = Files.write(folder.resolve("one"), bytes(LARGE + 8, 1));
    other = Files.write(folder.resolve("other"), bytes(24, 2));
    tensors =
        List.of(tensor("a", one, 0, 8), tensor("b", other, 8, 16), tensor("c", one, 8, LARGE));
  }

  private static byte[] bytes(int count, int seed) {
    byte[] bytes = new byte[count];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static WeightTensor tensor(String name, Path file, long offset, long bytes) {
    return new WeightTensor(name, DType.U8, List.of(bytes), file, offset, bytes);
  }

  private static byte[] sum(List<WeightTensor> tensors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      WeightTensor.digest(tensors, digest);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  /** Also of what no buffer holds as a whole. */
  @Test
  void bytesComeInPieces() {
    WeightTensor large = tensors.get(2);
    ByteBuffer all = ByteBuffer.allocate(LARGE);
    List<Integer> sizes = new ArrayList<>();
    large.pieces(
        50_000,
        piece -> {
          sizes.add(piece.remaining());
          all.put(piece);
        });
    assertThat(sizes).containsExactly(50_000, 50_000, LARGE - 100_000);
    assertThat(all.flip()).isEqualTo(large.read());
  }

  /** Names, types and shapes and then contents, as saved images and conversations have them. */
  @Test
  void manyAreWhatEachIsOneAfterAnother() throws Exception {
    MessageDigest expected = MessageDigest.getInstance("SHA-256");
    byte[] first = Files.readAllBytes(one);
    expected.update("aU8[8]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    expected.update(first, 0, 8);
    expected.update("bU8[16]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    expected.update(Files.readAllBytes(other), 8, 16);
    expected.update(("cU8[" + LARGE + "]").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    expected.update(first, 8, 4096);
    byte[] sum = expected.digest();
    assertThat(sum(tensors)).isEqualTo(sum);
    MessageDigest each = MessageDigest.getInstance("SHA-256");
    tensors.forEach(t -> t.digest(each));
    assertThat(each.digest()).isEqualTo(sum);
  }

  @Test
  void ofALargeOneTheBeginningCountsOfASmallOneAll() throws IOException {
    byte[] before = sum(tensors);
    change(one, 8 + 4096);
    assertThat(sum(tensors)).isEqualTo(before);
    change(one, 8 + 4095);
    assertThat(sum(tensors)).isNotEqualTo(before);
    byte[] changed = sum(tensors);
    change(other, 23);
    assertThat(sum(tensors)).isNotEqualTo(changed);
  }

  @Test
  void aFileThatEndsEarlyIsNamedWithItsTensor() throws IOException {
    Files.write(other, bytes(20, 2));
    assertThatThrownBy(() -> sum(tensors))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(other + ": expected 16 bytes of b, found 12");
    Files.delete(other);
    assertThatThrownBy(() -> sum(tensors))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(other + ": cannot be read: ");
  }
}
