package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Precision;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command runs without a model of one's own, on a built-in one that can do what it needs. */
class BuiltInModelsTest {
  private static final Path SCENES =
      Path.of("..", "blip2-demo-model", "src", "test", "resources", "demo");
  private static final String IMAGE = sample("scene-00.png");

  @TempDir Path folder;

  private static String sample(String name) {
    return Path.of("..", "samples", name).toString();
  }

  private static JsonNode json(String name) throws IOException {
    return Output.MAPPER.readTree(Files.readAllBytes(SCENES.resolve(name)));
  }

  @Test
  void theCommandLineSaysWhatItIs() throws IOException {
    JsonNode golden = json("golden/golden.json").get("cases").get(0);
    Run caption = Run.of("caption", IMAGE);
    assertThat(caption.status()).as(caption.err()).isZero();
    assertThat(caption.out().strip()).isEqualTo(golden.get("texts").get(0).textValue());
    assertThat(caption.err()).contains("only generated scenes").contains("--model");
    Run ask = Run.of("ask", IMAGE, "how many shapes are there?");
    assertThat(List.of("one", "two", "three")).contains(ask.out().strip());
    assertThat(ask.err()).contains("only generated scenes");
  }

  @Test
  void matchRunsOutOfTheBox() throws IOException {
    JsonNode golden = json("golden/matching.json").get("cases").get(0);
    List<String> arguments = new ArrayList<>(List.of("match", "--json", IMAGE));
    golden.get("texts").forEach(t -> arguments.add(t.textValue()));
    Run match = Run.of(arguments.toArray(String[]::new));
    assertThat(match.status()).as(match.err()).isZero();
    assertThat(match.err()).contains("only generated scenes").contains("blip2-itm-vit-g");
    JsonNode found = match.json().get(0).get("itm_probability");
    for (int i = 0; i < golden.get("texts").size(); i++) {
      double expected = golden.get("itm_probability").get(i).doubleValue();
      assertThat(found.get(i).doubleValue())
          .isCloseTo(expected, org.assertj.core.api.Assertions.within(1e-4));
    }
  }

  @Test
  void imagesAreFoundByWhatTheyShow() throws IOException {
    String index = folder.resolve("index").toString();
    List<String> add = new ArrayList<>(List.of("index", "add", "--index", index));
    for (int i = 0; i < 6; i++) {
      add.add(sample("scene-0" + i + ".png"));
    }
    Run added = Run.of(add.toArray(String[]::new));
    assertThat(added.status()).as(added.err()).isZero();
    List<String> write = new ArrayList<>(List.of("caption", "--json"));
    write.addAll(add.subList(4, add.size()));
    List<JsonNode> captions = Run.of(write.toArray(String[]::new)).json();
    for (int i = 0; i < 6; i++) {
      String caption = captions.get(i).get("text").textValue();
      Run found = Run.of("index", "search", "--index", index, "--limit", "1", caption);
      assertThat(found.out()).as(caption).contains("scene-0" + i + ".png");
    }
  }

  @Test
  void embeddingsOfImagesAndTextsShareASpace() throws IOException {
    Run both = Run.of("embed", "--image", IMAGE, "--text", "a red circle");
    assertThat(both.status()).as(both.err()).isZero();
    Run text = Run.of("embed", "--text", "a red circle");
    Run image = Run.of("embed", "--image", IMAGE);
    JsonNode embedding = text.json().get(0).get("embedding");
    assertThat(embedding).isEqualTo(both.json().get(0).get("embedding")).hasSize(64);
    JsonNode projected = image.json().get(0).get("projected");
    assertThat(projected).isEqualTo(both.json().get(0).get("projected"));
    assertThat(projected.get(0)).hasSize(64);
  }

  /** What a checkpoint cannot do is said before its weights are looked at. */
  @Test
  void theWrongKindOfCheckpointIsRefusedUnread() throws IOException {
    Path opt = Fixtures.copy("tiny-opt", folder.resolve("opt"));
    Path itm = Fixtures.copy("tiny-itm", folder.resolve("itm"));
    for (Path model : List.of(opt, itm)) {
      Files.delete(model.resolve("model.safetensors"));
    }
    String index = folder.resolve("none").toString();
    String there = Files.createDirectory(folder.resolve("there")).toString();
    for (String[] command :
        List.of(
            new String[] {"match", IMAGE, "a", "--model", opt.toString()},
            new String[] {"embed", "--text", "a", "--model", opt.toString()},
            new String[] {"index", "add", IMAGE, "--index", index, "--model", opt.toString()},
            new String[] {"index", "search", "a", "--index", there, "--model", opt.toString()})) {
      Run run = Run.of(command);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains("Blip2ForImageTextRetrieval", "found one that writes text");
    }
    for (String[] command :
        List.of(
            new String[] {"caption", IMAGE, "--model", itm.toString()},
            new String[] {"ask", IMAGE, "what?", "--model", itm.toString()},
            new String[] {"rank", IMAGE, "a", "--model", itm.toString()},
            new String[] {"chat", IMAGE, "--model", itm.toString()})) {
      Run run = Run.of(command);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains("Blip2ForConditionalGeneration", "found one that matches");
    }
    assertThat(Path.of(index)).doesNotExist();
  }

  /** It loads the model twice, once in each precision. */
  @Test
  void theBuiltInModelIsToldOnceInLinesOfATerminal() {
    Run quality = Run.of("quality", "--backend", "onnx", "--precision", "int4", IMAGE);
    assertThat(quality.status()).as(quality.err()).isZero();
    assertThat(quality.err()).containsOnlyOnce("No --model");
    assertThat(quality.err().lines()).allMatch(l -> l.length() < 80);
  }

  /** Four bits: of 400 questions and 100 captions that nobody trained on, 98 of 100 agree. */
  @Test
  void fourBitsAgreeWithFloat32() throws IOException {
    Path model = DemoModel.captioner(folder);
    JsonNode cases = json("fresh/fresh.json").get("cases");
    try (Blip2 exact = Blip2.builder().model(model).backend("onnx").cacheDirectory(folder).load();
        Blip2 narrow =
            Blip2.builder()
                .model(model)
                .backend("onnx")
                .precision(Precision.INT4)
                .cacheDirectory(folder)
                .load()) {
      PrecisionQuality quality =
          new PrecisionQuality(exact, narrow, GenerationOptions.defaults().withMaxNewTokens(30));
      for (JsonNode c : cases) {
        List<@Nullable String> prompts = new ArrayList<>();
        c.get("prompts").forEach(p -> prompts.add(p.textValue()));
        Path image = SCENES.resolve("fresh").resolve(c.get("image").textValue());
        quality.compare(ImageSource.of(image), prompts);
      }
      PrecisionQuality.Result result = quality.result();
      assertThat(result.texts()).isEqualTo(500);
      assertThat(result.wholeTexts()).as("%s", result).isGreaterThanOrEqualTo(0.98);
      assertThat(result.divergence()).isBetween(0.0, 0.1);
    }
  }
}
