package io.github.blip2j.spark;

import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a row has.
 *
 * @param image bytes of an image file, or a path of one that Hadoop's file systems know
 * @param text its prompt, question or description; empty for none
 */
record ImageRow(@Nullable Object image, String text) {
  /**
   * The image's bytes as a source.
   *
   * @throws IllegalArgumentException if there is nothing
   * @throws IOException if the file cannot be read
   */
  ImageSource source() throws IOException {
    if (image instanceof byte[] bytes) {
      return ImageSource.of(bytes);
    }
    if (image == null) {
      throw new IllegalArgumentException("image: expected bytes or a path, found null");
    }
    Path path = new Path(image.toString());
    FileSystem files = path.getFileSystem(SparkHadoopUtil.get().conf());
    try (InputStream in = files.open(path)) {
      return ImageSource.of(in);
    }
  }

  /** A seed that a row has wherever and however often it is computed. */
  long seed(long base) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(base).array());
      digest.update(
          image instanceof byte[] bytes
              ? bytes
              : String.valueOf(image).getBytes(StandardCharsets.UTF_8));
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256, which every Java has", e);
    }
  }
}
