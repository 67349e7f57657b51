package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.spi.Backend;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a bundle must be, whatever backend prepared its weights: it loads without the checkpoint and
 * without a cache, its texts are the checkpoint's in the same precisions, and what is not what it
 * was made as is refused. Demands: {@link Backend#prepare}.
 */
public abstract class BundleContract {
  private static final List<String> PROMPTS = List.of("", "a photo of", "Question: what? Answer:");
  private static final GenerationOptions TEXTS = GenerationOptions.defaults();

  @TempDir Path folder;

  /** The backend under test. */
  protected abstract Backend backend();

  /** Precisions whose weights it can store. */
  protected abstract List<Precisions> stored();

  /** Precisions that it runs but whose weights it cannot store; none by default. */
  protected List<Precisions> unstored() {
    return List.of();
  }

  private Blip2Builder builder(Path model, String cache) {
    return Blip2.builder()
        .model(model)
        .backend(backend().id())
        .device(Device.CPU)
        .threads(1)
        .cacheDirectory(folder.resolve(cache));
  }

  private static List<List<Integer>> tokens(Blip2Builder builder) {
    List<GenerationRequest> requests = new ArrayList<>();
    for (String image : List.of("tiny.png", "landscape.png", "portrait.png")) {
      ImageSource source = ImageSource.of(Fixtures.image(image));
      PROMPTS.forEach(p -> requests.add(new GenerationRequest(source, p, TEXTS)));
    }
    try (Blip2 blip2 = builder.load()) {
      return blip2.generate(requests).stream().map(texts -> texts.get(0).tokenIds()).toList();
    }
  }

  /** A decoder, and an encoder with a decoder: their layers in every precision. */
  @Test
  void aBundleWritesTheCheckpointsTextsWithoutIt() throws IOException {
    for (String name : List.of("tiny-opt", "tiny-t5")) {
      for (Precisions precisions : stored()) {
        List<List<Integer>> expected = assertSameTexts(name, precisions);
        if (name.equals("tiny-opt")) { // the name of its precisions is the same as none
          Blip2Builder named = builder(bundle(name, precisions), "cache").precisions(precisions);
          assertThat(tokens(named)).isEqualTo(expected);
        }
      }
    }
  }

  /**
   * The same layers from other types of weights, and a second tokenizer: each in two precisions.
   */
  @Test
  void soDoThoseOfOtherTypesAndWithTwoTokenizers() throws IOException {
    List<String> others = List.of("tiny-opt-fp16-sharded", "tiny-opt-bf16", "tiny-instructblip-t5");
    for (int i = 0; i < others.size(); i++) {
      for (int turn : List.of(i, i + 2)) { // so that every precision has its turn
        assertSameTexts(others.get(i), stored().get(turn % stored().size()));
      }
    }
  }

  /** Converts, takes the checkpoint away and compares. */
  private List<List<Integer>> assertSameTexts(String name, Precisions precisions)
      throws IOException {
    String what = name + " " + precisions.label();
    Path original = Fixtures.copy(name, folder.resolve("original " + what));
    Path bundle = bundle(name, precisions);
    List<List<Integer>> expected = tokens(builder(original, "cache").precisions(precisions));
    builder(original, "another").precisions(precisions).convert(bundle);
    delete(original);
    List<Path> before = files(folder.resolve("cache"));
    assertThat(tokens(builder(bundle, "cache"))).as(what).isEqualTo(expected);
    assertThat(files(folder.resolve("cache"))).as(what).isEqualTo(before);
    assertThat(files(folder.resolve("another"))).as(what).noneMatch(BundleContract::isDerived);
    return expected;
  }

  private Path bundle(String name, Precisions precisions) {
    return folder.resolve("bundle " + name + " " + precisions.label());
  }

  private static boolean isDerived(Path file) {
    return file.toString().endsWith(".safetensors");
  }

  @Test
  void aBundleOfHeadsThatMatchMatchesAlike() throws IOException {
    List<String> texts = List.of("a cat", "two dogs");
    ImageSource image = ImageSource.of(Fixtures.image("landscape.png"));
    for (Precisions precisions : stored()) {
      Path bundle = folder.resolve("bundle " + precisions.label());
      Blip2Builder original =
          builder(Fixtures.directory("tiny-itm"), "cache").precisions(precisions);
      original.convert(bundle);
      try (Blip2 expected = original.load();
          Blip2 found = builder(bundle, "cache").load()) {
        List<Match> matches = expected.matcher().match(image, texts);
        assertThat(found.matcher().match(image, texts)).isEqualTo(matches);
      }
    }
  }

  @Test
  void otherPrecisionsThanItsOwnAreRefused() {
    for (Precisions precisions : stored()) {
      Path bundle = folder.resolve("bundle " + precisions.label());
      builder(Fixtures.directory("tiny-t5"), "cache").precisions(precisions).convert(bundle);
      if (ordinary(precisions)) {
        continue; // its tensors are a checkpoint's, and any precision can be made of them
      }
      for (Precision other : List.of(Precision.FLOAT32, Precision.INT8)) {
        if (Precisions.of(other).equals(precisions)) {
          continue;
        }
        assertThatThrownBy(() -> builder(bundle, "cache").precision(other).load().close())
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining("precision: expected " + precisions.label())
            .hasMessageContaining("found " + Precisions.of(other).label())
            .hasMessageContaining("use the checkpoint that it was made of");
      }
      assertThatThrownBy(
              () ->
                  builder(bundle, "cache").precisions(precisions).convert(folder.resolve("again")))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected an original checkpoint, found a bundle of");
    }
  }

  private static boolean ordinary(Precisions precisions) {
    return Stream.of(precisions.vision(), precisions.qformer(), precisions.language())
        .allMatch(p -> p == Precision.FLOAT32 || p == Precision.FLOAT16 || p == Precision.BFLOAT16);
  }

  @Test
  void whatCannotBeStoredIsRefusedAndLeavesNothing() throws IOException {
    Files.createDirectories(folder.resolve("out"));
    for (Precisions precisions : unstored()) {
      assertThatThrownBy(
              () ->
                  builder(Fixtures.directory("tiny-opt"), "cache")
                      .precisions(precisions)
                      .convert(folder.resolve("out").resolve("bundle")))
          .isInstanceOf(Blip2Exception.class)
          .hasMessageContaining(backend().id() + ": precision: expected");
      assertThat(folder.resolve("out")).isEmptyDirectory();
    }
  }

  @Test
  void aConversionThatFailsHalfWayLeavesNothing() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    Blip2Builder stopped =
        builder(Fixtures.directory("tiny-opt"), "cache")
            .precisions(stored().get(0))
            .listener(
                (stage, done, total) -> {
                  if (done > total / 2) {
                    throw new IllegalStateException("stop");
                  }
                });
    assertThatThrownBy(() -> stopped.convert(out.resolve("bundle"))).hasMessage("stop");
    assertThat(out).isEmptyDirectory();
    builder(Fixtures.directory("tiny-opt"), "cache")
        .precisions(stored().get(0))
        .convert(out.resolve("bundle"));
    assertThat(tokens(builder(out.resolve("bundle"), "cache"))).isNotEmpty();
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(BundleContract::isDerived).sorted().toList();
    }
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
