package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The one image that a command is about. */
class ImageArgumentTest {
  @TempDir Path folder;

  private static ImageArgument image(String name) {
    ImageArgument image = new ImageArgument();
    image.name = name;
    return image;
  }

  @Test
  void anImageThatIsThereIsReadWhereItLies() throws IOException {
    Path file = Files.write(folder.resolve("image.png"), new byte[] {1});
    Inputs inputs = image(file.toString()).inputs(new ModelOptions());
    assertThat(inputs.image(file.toString())).isInstanceOf(ImageSource.class);
  }

  @Test
  void oneThatIsNotIsSaidByItsName() {
    String name = folder.resolve("nowhere.png").toString();
    ModelOptions model = new ModelOptions();
    assertThatThrownBy(() -> image(name).inputs(model))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(name);
  }

  /** Whoever mends the image's name should not be told of the option only then. */
  @Test
  void aWrongOptionIsSaidFirst() {
    ModelOptions model = new ModelOptions();
    model.precision = "int3";
    assertThatThrownBy(() -> image("nowhere.png").inputs(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("int3");
  }

  /** What follows it is the command's own. */
  @ParameterizedTest
  @ValueSource(strings = {"ask", "attention", "encode", "match", "rank"})
  void itIsTheFirstArgument(String command) {
    CommandLine line = Objects.requireNonNull(Main.commandLine().getSubcommands().get(command));
    List<CommandLine.Model.PositionalParamSpec> all = line.getCommandSpec().positionalParameters();
    assertThat(all.get(0).paramLabel()).isEqualTo("IMAGE");
    assertThat(all.get(0).index().min()).isZero();
    assertThat(all.get(0).index().max()).isZero();
    assertThat(all.get(0).description()).containsExactly("The image: " + Inputs.KINDS + ".");
    assertThat(all.stream().skip(1)).allMatch(p -> p.index().min() == 1);
  }
}
