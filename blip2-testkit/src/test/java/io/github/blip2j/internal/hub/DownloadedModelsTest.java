package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a download brings is all that a model is read from, whatever its family and form. */
class DownloadedModelsTest {
  private static final GenerationOptions TWENTY =
      GenerationOptions.builder().maxNewTokens(20).build();
  private static final String BUNDLE = "bundle";
  private static DirectoryHub hub;

  @TempDir static Path home;

  @BeforeAll
  static void start() {
    hub =
        new DirectoryHub(
            name -> name.equals(BUNDLE) ? home.resolve(name) : Fixtures.directory(name));
  }

  @AfterAll
  static void stop() {
    hub.close();
  }

  private static Map<String, String> environment() {
    return Map.of("HF_ENDPOINT", hub.address(), "HF_HUB_CACHE", home.resolve("models").toString());
  }

  private static ModelLocator locator() {
    Locations locations =
        new Locations(environment(), home.toString(), "Linux", home.resolve("none"), () -> home);
    return new ModelLocator(locations, seconds -> {});
  }

  private static Path downloaded(String name) {
    return locator().find("owner/" + name, "main", true, LoadListener.NONE);
  }

  private static Path cache() {
    return home.resolve("derived");
  }

  static Stream<String> models() {
    return Stream.of(
            Fixtures.OPT_CHECKPOINTS,
            Fixtures.RELATIVES,
            Fixtures.QUANTIZED,
            List.of("tiny-t5", "tiny-itm", "tiny-opt-bin", "tiny-opt-bin-sharded"))
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("models")
  void aCheckpointIsTheSameWhereItWasDownloaded(String name) throws IOException {
    Checkpoint original = Checkpoint.open(Fixtures.directory(name), cache());
    Checkpoint here = Checkpoint.open(downloaded(name), cache());
    assertThat(here.directory()).startsWith(home);
    assertThat(here.identity()).isEqualTo(original.identity());
    assertThat(here.config()).isEqualTo(original.config());
    assertThat(here.imageProcessor()).isEqualTo(original.imageProcessor());
    assertThat(here.tokenizer()).hasSameBinaryContentAs(original.tokenizer());
    assertThat(here.cleansUpSpaces(false)).isEqualTo(original.cleansUpSpaces(false));
    assertThat(Files.exists(here.instructionTokenizer()))
        .isEqualTo(Fixtures.INSTRUCTED.contains(name));
  }

  private static List<Integer> tokens(Blip2Builder builder) {
    try (Blip2 blip2 = builder.load()) {
      ImageSource image = ImageSource.of(Fixtures.image("landscape.png"));
      return blip2.promptedCaptioner("a photo of").withOptions(TWENTY).caption(image).tokenIds();
    }
  }

  /** Its Q-Former reads the prompt with a tokenizer that lies in a folder of its own. */
  @Test
  void aDownloadedInstructBlipReadsInstructions() {
    for (String name : List.of("tiny-instructblip-t5", "tiny-instructblip-vicuna-gqa")) {
      Blip2Builder here = Blip2.builder().cacheDirectory(cache()).model(downloaded(name));
      Blip2Builder original =
          Blip2.builder().cacheDirectory(cache()).model(Fixtures.directory(name));
      assertThat(tokens(here)).isNotEmpty().isEqualTo(tokens(original));
    }
  }

  /** Which is refused unless each file is there that it was made with, folders' among them. */
  @Test
  void aDownloadedBundleIsWhole() throws IOException {
    Path original = Fixtures.copy("tiny-instructblip-t5", home.resolve("original"));
    Files.writeString(original.resolve("LICENSE.txt"), "do what you like");
    Path made = home.resolve(BUNDLE);
    Blip2.builder().cacheDirectory(cache()).model(original).recipe(Recipe.EXACT).convert(made);
    Checkpoint here = Checkpoint.open(downloaded(BUNDLE), cache());
    assertThat(here.bundle()).isNotNull();
    assertThat(here.identity()).isEqualTo(Checkpoint.open(made, cache()).identity());
    assertThat(here.directory().resolve("LICENSE.txt")).hasContent("do what you like");
  }

  /** A program that names its model and an adapter as on the Hub. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      Blip2Builder builder = Blip2.builder().model(arguments[0]).adapter(arguments[1]);
      System.out.println(tokens(builder.download(Boolean.parseBoolean(arguments[2]))));
    }
  }

  private static String run(String download) throws Exception {
    File output = home.resolve("output").toFile();
    ProcessBuilder program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                "owner/" + Fixtures.ADAPTED,
                "owner/tiny-opt-lora",
                download)
            .redirectErrorStream(true)
            .redirectOutput(output);
    program.environment().keySet().removeIf(name -> name.matches("(?i).*(proxy|offline)|HF_.*"));
    program.environment().putAll(environment());
    program.environment().put("BLIP2_CACHE", cache().toString());
    program.start().waitFor();
    return Files.readString(output.toPath()).strip();
  }

  @Test
  void anAdapterIsNamedAsOnTheHub() throws Exception {
    downloaded(Fixtures.ADAPTED);
    assertThat(run("false"))
        .contains("owner/tiny-opt-lora (revision main): expected a directory or a downloaded adapt")
        .contains("`blip2 download owner/tiny-opt-lora` brings it there");
    Golden.Case golden = new Golden(Fixtures.directory("tiny-opt-lora")).cases("greedy").get(0);
    assertThat(run("true")).endsWith(golden.newIds().get(0).toString());
    assertThat(run("false")).endsWith(golden.newIds().get(0).toString());
  }
}
