package io.github.blip2j.bench.fuzz;

import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.ImageReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Encoded images of every format: decoded, and turned upright. */
final class ImageTarget implements FuzzTarget {
  private static final List<String> FOLDERS = List.of("images", "image-files", "odd-images");
  private static final String NO_IMAGE = ".*\\.(rgb|bin|txt|json|md)";
  private static final long LARGEST = 1 << 17;

  private final List<Sample> samples = new ArrayList<>();
  private final ImageReader reader = new ImageReader();
  private final ImageOptions options = ImageOptions.defaults().withExifOrientation(true);

  ImageTarget(Path corpus) throws IOException {
    for (String folder : FOLDERS) {
      Path root = corpus.resolve(folder);
      if (Files.isDirectory(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.filter(ImageTarget::isSample).sorted().toList()) {
            samples.add(new Sample(corpus.relativize(file).toString(), Files.readAllBytes(file)));
          }
        }
      }
    }
  }

  private static boolean isSample(Path file) {
    long bytes = file.toFile().length();
    return Files.isRegularFile(file)
        && bytes > 0
        && bytes <= LARGEST
        && !file.toString().matches(NO_IMAGE);
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public String attempt(Sample sample, byte[] bytes) {
    reader.read(ImageSource.of(bytes), options);
    return "";
  }

  @Override
  public void close() {}
}
