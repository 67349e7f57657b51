package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a checkpoint can do is known before and after loading, and is what it does. */
class CapabilityTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"tiny-opt, GENERATE", "tiny-t5, GENERATE", "tiny-itm, MATCH"})
  void isAskedOfAModel(String checkpoint, Capability only) {
    ImageSource image = ImageSource.of(Fixtures.image("tiny.png"));
    try (Blip2 blip2 = Blip2.load(Fixtures.directory(checkpoint))) {
      assertThat(blip2.capabilities()).containsExactly(only);
      assertThat(blip2).asString().contains("[" + only + "]").contains(blip2.checkpoint());
      if (blip2.capabilities().contains(Capability.MATCH)) {
        assertThat(blip2.matcher().match(image, "a rocket").itmProbability()).isBetween(0.0, 1.0);
        assertThatThrownBy(() -> blip2.caption(image)).isInstanceOf(CheckpointException.class);
      } else {
        assertThat(blip2.caption(image).tokenIds()).isNotEmpty();
        assertThatThrownBy(blip2::matcher).isInstanceOf(CheckpointException.class);
        assertThatThrownBy(() -> blip2.embedder().text("a rocket"))
            .isInstanceOf(CheckpointException.class);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-opt, GENERATE", "tiny-t5, GENERATE", "tiny-itm, MATCH"})
  void isAskedBeforeAnythingIsLoaded(String checkpoint, Capability only) throws IOException {
    Path copy = Fixtures.copy(checkpoint, folder.resolve(checkpoint));
    for (String file : List.of("model.safetensors", "tokenizer.json")) {
      Files.delete(copy.resolve(file));
    }
    Blip2Builder builder = Blip2.builder().model(copy).backend("none of this name");
    assertThat(builder.capabilities()).containsExactly(only);
    assertThatThrownBy(() -> builder.capabilities().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aMissingCheckpointIsSaid() throws IOException {
    assertThatIllegalStateException()
        .isThrownBy(() -> Blip2.builder().capabilities())
        .withMessageContaining("model must be named");
    assertThatThrownBy(() -> Blip2.builder().model("no/such-model").capabilities())
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> Blip2.builder().model(folder).capabilities())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json");
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"blip\"}");
    assertThatThrownBy(() -> Blip2.builder().model(folder).capabilities())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model_type");
  }
}
