package io.github.blip2j.demo;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The small checkpoints of this module, in the Hub's layout like any other: {@code
 * Blip2.load(DemoModel.captioner())}. They know generated scenes of one to three coloured shapes
 * and nothing else; their model cards lie beside them ({@code README.md}).
 *
 * <p>Backends map weights from files, so a checkpoint is written to a folder once, 5 MB each. Every
 * call compares the files there with this module's own and writes again what is missing or damaged.
 * Safe for many threads and processes.
 */
public final class DemoModel {
  private static final String CONFIG = "config.json";
  private static final String PREPROCESSOR = "preprocessor_config.json";
  private static final String PROCESSOR = "processor_config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String WEIGHTS = "model.safetensors";

  private static final List<String> MATCHER =
      List.of(CONFIG, PREPROCESSOR, PROCESSOR, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS);
  private static final List<String> CAPTIONER =
      List.of(
          CONFIG,
          "generation_config.json",
          PREPROCESSOR,
          PROCESSOR,
          TOKENIZER,
          TOKENIZER_CONFIG,
          WEIGHTS);
  private static final Duration FORGOTTEN = Duration.ofHours(1);

  private DemoModel() {}

  /**
   * The checkpoint that writes captions and answers questions, in {@link
   * Blip2#defaultCacheDirectory}.
   *
   * @return its directory
   * @throws CheckpointException if it cannot be written there
   */
  public static Path captioner() {
    return captioner(Blip2.defaultCacheDirectory());
  }

  /**
   * The checkpoint that writes captions and answers questions.
   *
   * @param cacheDirectory where its directory is made if it is not there
   * @return its directory
   * @throws CheckpointException if it cannot be written there
   */
  public static Path captioner(Path cacheDirectory) {
    return unpacked("captioner", CAPTIONER, cacheDirectory);
  }

  /**
   * The checkpoint that matches images and texts, in {@link Blip2#defaultCacheDirectory}.
   *
   * @return its directory
   * @throws CheckpointException if it cannot be written there
   */
  public static Path matcher() {
    return matcher(Blip2.defaultCacheDirectory());
  }

  /**
   * The checkpoint that matches images and texts.
   *
   * @param cacheDirectory where its directory is made if it is not there
   * @return its directory
   * @throws CheckpointException if it cannot be written there
   */
  public static Path matcher(Path cacheDirectory) {
    return unpacked("matcher", MATCHER, cacheDirectory);
  }

  private static Path unpacked(String name, List<String> files, Path cache) {
    try {
      Map<String, byte[]> contents = new LinkedHashMap<>();
      for (String file : files) {
        contents.put(file, resource(name + "/" + file));
      }
      Path target = cache.resolve("demo-" + name + "-" + fingerprint(contents));
      for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
        Path file = target.resolve(entry.getKey());
        if (!holds(file, entry.getValue())) {
          write(file, entry.getValue());
        }
      }
      return target;
    } catch (IOException e) {
      throw new CheckpointException(
          cache + ": expected a folder to which the demo model can be written, found: " + e, e);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = DemoModel.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static boolean holds(Path file, byte[] content) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == content.length
        && Arrays.equals(Files.readAllBytes(file), content);
  }

  /** Beside its place first and then renamed: whoever has the file mapped keeps the old one. */
  private static void write(Path file, byte[] content) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent());
    Files.createDirectories(folder);
    sweep(folder);
    Path partial = Files.createTempFile(folder, file.getFileName().toString(), ".partial");
    try {
      Files.write(partial, content);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Removes what a process that was killed has left half written. */
  private static void sweep(Path folder) throws IOException {
    long limit = Instant.now().minus(FORGOTTEN).toEpochMilli();
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, "*.partial")) {
      for (Path leftover : leftovers) {
        if (leftover.toFile().lastModified() < limit) { // 0 if its writer has renamed it by now
          Files.deleteIfExists(leftover);
        }
      }
    }
  }

  private static String fingerprint(Map<String, byte[]> contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      contents.values().forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
