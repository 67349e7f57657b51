package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.PreparedFiles;
import io.github.blip2j.core.Precision;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What lies in the cache folder, of which nothing is forgotten. */
class CacheCommandTest {
  private static final String ENGINE = "onnxruntime/1.2-here";

  @TempDir Path folder;
  private Path cache;

  /** Quantised weights of a real model, beside native libraries of sizes that are known. */
  @BeforeEach
  void fill() throws IOException {
    cache = folder.resolve("cache");
    try (Blip2 blip2 =
        Blip2.builder()
            .model(Fixtures.directory("tiny-opt"))
            .backend("onnx")
            .precision(Precision.INT8)
            .cacheDirectory(cache)
            .load()) {
      assertThat(blip2.caption(ImageSource.of(Fixtures.image("tiny.png"))).text()).isNotEmpty();
    }
    write("natives/" + ENGINE + "/libengine.so", 3_000_000);
    write("natives/" + ENGINE + "/parts/libpart.so", 1_000_000);
    write("natives-501/tokenizers/9/libtokens.so", 2_000_000);
    write("nativesque/other/9/libother.so", 9_000_000);
  }

  private void write(String name, int bytes) throws IOException {
    Path file = cache.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[bytes]);
  }

  private Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        new CommandLine(new CacheCommand(() -> cache))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    return new Run(line.execute(arguments), out.toString(), err.toString());
  }

  private static long sizeOf(Path place) throws IOException {
    try (Stream<Path> all = Files.walk(place)) {
      return all.filter(Files::isRegularFile).mapToLong(CacheCommandTest::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.3f GB", bytes / 1e9);
  }

  @Test
  void nativeLibrariesAreListedWithTheirSizes() throws IOException {
    Run run = run("list");
    assertThat(run.status()).as(run.err()).isZero();
    List<String> lines = run.out().lines().map(String::strip).toList();
    assertThat(lines.get(0)).contains(" of ").contains("onnx");
    assertThat(lines.get(0)).as("seconds").containsPattern("  [0-9-]+T[0-9]+:[0-9]+:[0-9]+Z  ");
    assertThat(lines)
        .anyMatch(
            l ->
                l.startsWith("0.004 GB")
                    && l.endsWith(
                        "native libraries of onnxruntime  " + cache.resolve("natives/" + ENGINE)))
        .anyMatch(l -> l.startsWith("0.002 GB") && l.contains("native libraries of tokenizers"))
        .noneMatch(l -> l.contains("nativesque"));
    // What opening the model unpacked is in the list too, where it is in this cache folder.
    long natives = sizeOf(cache.resolve("natives")) + sizeOf(cache.resolve("natives-501"));
    long weights = PreparedFiles.in(cache).entries().stream().mapToLong(e -> e.bytes()).sum();
    assertThat(weights).isPositive();
    assertThat(lines.get(lines.size() - 1)).startsWith(gigabytes(natives + weights) + " in ");
  }

  @Test
  void nothingIsKeptUnlessThatIsAskedFor() throws IOException {
    Run kept = run("clear", "--keep", "0.000001");
    assertThat(kept.status()).as(kept.err()).isZero();
    assertThat(cache.resolve("natives/" + ENGINE + "/parts/libpart.so")).exists();
    assertThat(PreparedFiles.in(cache).entries()).isEmpty();
    long natives = sizeOf(cache.resolve("natives")) + sizeOf(cache.resolve("natives-501"));
    Run all = run("clear");
    assertThat(all.status()).as(all.err()).isZero();
    assertThat(all.out().strip()).isEqualTo(gigabytes(natives) + " deleted");
    assertThat(sizeOf(cache.resolve("natives")) + sizeOf(cache.resolve("natives-501"))).isZero();
    assertThat(cache.resolve("nativesque/other/9/libother.so")).exists();
    assertThat(run("list").out().strip()).isEqualTo("0.000 GB in 0 files");
  }

  /** A link out of the cache folder is deleted as a link. */
  @Test
  void whatALinkLeadsToIsNeitherCountedNorDeleted() throws IOException {
    Path outside = Files.write(folder.resolve("outside.so"), new byte[5_000_000]);
    Path link = cache.resolve("natives/" + ENGINE + "/liblink.so");
    Files.createSymbolicLink(link, outside);
    Files.createSymbolicLink(cache.resolve("natives/elsewhere"), Files.createDirectories(folder));
    assertThat(run("list").out()).contains("0.004 GB").doesNotContain("elsewhere");
    assertThat(run("clear").status()).isZero();
    assertThat(outside).hasSize(5_000_000);
    assertThat(link).doesNotExist();
  }
}
