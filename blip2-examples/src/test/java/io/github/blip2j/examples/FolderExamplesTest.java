package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples that go through a folder, on the built-in models and the sample images. */
class FolderExamplesTest {
  private static final int SAMPLES = 6;

  @TempDir Path folder;
  private Path images;
  private List<Path> scenes;

  /** The samples, twice, so that there is more than one batch of captions, and what is no image. */
  @BeforeEach
  void fill() throws IOException {
    images = Files.createDirectory(folder.resolve("images"));
    for (int i = 0; i < 2 * SAMPLES; i++) {
      Path sample = Path.of("..", "samples", "scene-0" + i % SAMPLES + ".png");
      Files.copy(sample, images.resolve(i / SAMPLES + "-" + i % SAMPLES + ".png"));
    }
    Files.writeString(images.resolve("notes.txt"), "no image");
    scenes =
        IntStream.range(0, 2 * SAMPLES)
            .mapToObj(i -> images.resolve(i / SAMPLES + "-" + i % SAMPLES + ".png"))
            .toList();
  }

  @Test
  void everyImageGetsItsCaption() throws IOException {
    Path out = folder.resolve("captions.tsv");
    String model = DemoModel.captioner(folder).toString();
    BatchCaptions.main(new String[] {model, images.toString(), out.toString()});
    List<String> lines = Files.readAllLines(out);
    assertThat(lines).hasSameSizeAs(scenes);
    try (Blip2 blip2 = Blip2.load(model)) {
      for (int i = 0; i < scenes.size(); i++) {
        String alone = blip2.caption(ImageSource.of(scenes.get(i))).text();
        assertThat(lines.get(i)).isEqualTo(scenes.get(i) + "\t" + alone);
      }
    }
    assertThat(lines.stream().map(l -> l.substring(l.indexOf('\t'))).distinct())
        .hasSizeGreaterThan(SAMPLES / 2);
  }

  @Test
  void anImageIsFoundByItsCaption() throws IOException {
    Path index = folder.resolve("index");
    String text;
    try (Blip2 writer = Blip2.load(DemoModel.captioner(folder))) {
      text = writer.caption(ImageSource.of(scenes.get(3))).text();
    }
    try (Blip2 blip2 = Blip2.load(DemoModel.matcher(folder))) {
      assertThat(ImageSearch.index(blip2, images, index)).isEqualTo(scenes.size());
      assertThat(ImageSearch.index(blip2, images, index)).isEqualTo(scenes.size());
      assertThat(ImageSearch.search(blip2, index, text).stream().limit(2).map(hit -> hit.id()))
          .containsExactlyInAnyOrder(scenes.get(3).toString(), scenes.get(9).toString());
    }
  }

  @Test
  void aModelThatOnlyWritesIsRefusedByTheSearch() {
    String model = DemoModel.captioner(folder).toString();
    String place = folder.resolve("index").toString();
    assertThatThrownBy(
            () -> ImageSearch.main(new String[] {model, images.toString(), place, "a circle"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not match images and texts");
  }
}
