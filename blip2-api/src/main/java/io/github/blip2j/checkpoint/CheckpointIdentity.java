package io.github.blip2j.checkpoint;

import io.github.blip2j.files.WeightTensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;

/** A digest of a checkpoint that costs some megabytes of reading, whatever its size. */
final class CheckpointIdentity {
  private CheckpointIdentity() {}

  static String of(Checkpoint checkpoint) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(checkpoint.config().toString().getBytes(StandardCharsets.UTF_8));
      checkpoint.weights().all().stream()
          .sorted(Comparator.comparing(WeightTensor::name))
          .forEach(t -> t.digest(digest));
      digest.update(checkpoint.adapter().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
