package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import io.github.blip2j.testkit.Tolerance;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of every fixture checkpoint, from the file to what the vision encoder is given. */
class PixelValuesTest {
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-opt-fp16-sharded", "tiny-opt-bf16"})
  void pixelValuesAreTheReferences(String name) {
    Path directory = Fixtures.directory(name);
    Golden golden = new Golden(directory);
    ImageProcessor processor = new ImageProcessor(Checkpoint.open(directory).imageProcessor());
    List<String> keys = golden.endingWith("/pixel_values");
    assertThat(keys).hasSize(11);
    for (String key : keys) {
      Path file = Fixtures.image(key.substring(0, key.indexOf('/')));
      RgbImage image = new ImageReader().read(ImageSource.of(file), ImageOptions.defaults());
      Tolerance.PIXELS.check(name + "/" + key, golden.tensor(key), processor.process(image));
    }
  }
}
