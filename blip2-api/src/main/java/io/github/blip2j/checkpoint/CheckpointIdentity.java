package io.github.blip2j.checkpoint;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** A digest of a checkpoint that costs some megabytes of reading, whatever its size. */
final class CheckpointIdentity {
  private static final long SMALL = 1 << 16; // bytes
  private static final int BEGINNING = 1 << 12; // bytes of a larger tensor

  private CheckpointIdentity() {}

  static String of(Checkpoint checkpoint) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(checkpoint.config().toString().getBytes(StandardCharsets.UTF_8));
      List<WeightTensor> tensors =
          checkpoint.weights().all().stream()
              .sorted(Comparator.comparing(WeightTensor::name))
              .toList();
      for (WeightTensor tensor : tensors) {
        String head = tensor.name() + tensor.dtype() + tensor.shape();
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        digest.update(tensor.bytes() <= SMALL ? tensor.read() : tensor.start(BEGINNING).read());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
