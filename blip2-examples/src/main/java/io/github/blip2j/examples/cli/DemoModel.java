package io.github.blip2j.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * The small checkpoint that comes with this program. Engines map weights from files, so it is
 * written to the cache folder once.
 */
final class DemoModel {
  static final String NOTICE =
      "No --model: using the built-in demo model, which knows only generated scenes of coloured\n"
          + "shapes, such as those in samples/. For real pictures name a real model:\n"
          + "  --model DIR, a directory with the files of e.g. Salesforce/blip2-opt-2.7b.";

  private static final String FOLDER = "/io/github/blip2j/examples/demo-model/";
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          WEIGHTS);

  private DemoModel() {}

  /** The directory of the checkpoint, written if it is not there. Safe for several processes. */
  static Path directory(Path cache) {
    try {
      Path target = cache.resolve("demo-model-" + fingerprint());
      for (String file : FILES) {
        if (!Files.exists(target.resolve(file))) {
          write(file, target);
        }
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("the demo model cannot be written: " + e.getMessage(), e);
    }
  }

  private static void write(String file, Path target) throws IOException {
    Files.createDirectories(target);
    Path partial = Files.createTempFile(target, file, ".partial");
    try (InputStream in = open(file)) {
      Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
      Files.move(partial, target.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static String fingerprint() throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(open(WEIGHTS), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static InputStream open(String file) {
    return Objects.requireNonNull(DemoModel.class.getResourceAsStream(FOLDER + file), file);
  }
}
