package io.github.blip2j.cli.host;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Loads a model twice: at first no folder for native libraries can be written, not even among the
 * temporary files; then one can.
 */
public final class FirstLoads implements UnaryOperator<String> {
  /** For the class loader. */
  public FirstLoads() {}

  /** Of {@code backend,model,image,cache}: a line for each load. */
  @Override
  public String apply(String argument) {
    String[] parts = argument.split(",");
    String first;
    try {
      first = caption(parts, Path.of(parts[2]).resolve("below-a-file"));
    } catch (Blip2Exception e) {
      first = e.getClass().getSimpleName() + (e.getCause() == null ? "" : " with a cause");
    }
    try {
      Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return first + "\n" + caption(parts, Path.of(parts[3]));
  }

  private static String caption(String[] parts, Path cache) {
    try (Blip2 blip2 =
        Blip2.builder().backend(parts[0]).model(parts[1]).cacheDirectory(cache).load()) {
      return blip2.caption(ImageSource.of(Path.of(parts[2]))).text();
    }
  }
}
