package io.github.blip2j.checkpoint;

import io.github.blip2j.files.WeightTensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** A digest of a checkpoint that costs some megabytes of reading, whatever its size. */
final class CheckpointIdentity {
  private CheckpointIdentity() {}

  static String of(Checkpoint checkpoint) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(checkpoint.config().toString().getBytes(StandardCharsets.UTF_8));
      List<WeightTensor> tensors = new ArrayList<>(checkpoint.weights().all());
      tensors.sort(Comparator.comparing(WeightTensor::name));
      WeightTensor.digest(tensors, digest);
      digest.update(checkpoint.adapter().getBytes(StandardCharsets.UTF_8));
      Bundle bundle = checkpoint.bundle();
      Bundle.Calibrated calibration = bundle == null ? null : bundle.about().calibration();
      if (calibration != null) {
        digest.update(calibration.toString().getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
