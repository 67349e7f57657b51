package io.github.blip2j.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What tells examples from others: their number, order, texts and names of images. */
final class ExampleDigest {
  private static final int BYTES = 16;

  private final MessageDigest digest;

  private ExampleDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * In words.
   *
   * @return such as {@code 5 of digest 0f…}
   */
  static String of(List<TrainingExample> examples) {
    ExampleDigest all = new ExampleDigest();
    for (TrainingExample example : examples) {
      all.add(fileName(example.image().name()));
      all.add(example.prompt());
      all.add(example.text());
    }
    String sum = HexFormat.of().formatHex(all.digest.digest(), 0, BYTES);
    return examples.size() + " of digest " + sum;
  }

  /** Without its folder: the same examples may be named from elsewhere when a training goes on. */
  private static String fileName(String name) {
    return name.substring(1 + Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')));
  }

  private void add(@Nullable String text) {
    byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    int length = text == null ? -1 : bytes.length;
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, length));
    digest.update(bytes);
  }
}
