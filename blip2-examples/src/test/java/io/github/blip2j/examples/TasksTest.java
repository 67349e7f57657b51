package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every task of the pages, on the built-in models and an image whose texts the reference wrote. */
class TasksTest {
  private static final Path GOLDEN = Path.of("../blip2-demo-model/src/test/resources/demo/golden");
  private static final int SCENE = 1;
  private static final String FIRST = "what is yellow?";
  private static final String SECOND = "what color is the circle?";

  private static Blip2 writing;
  private static Blip2 matching;
  private static List<String> right; // the reference's texts, in the order of its prompts
  private static final ImageInput IMAGE = image(SCENE);

  private static ImageInput image(int scene) {
    return ImageSource.of(GOLDEN.resolve("scene-0" + scene + ".png"));
  }

  @BeforeAll
  static void load() throws IOException {
    JsonNode texts =
        new ObjectMapper()
            .readTree(Files.readAllBytes(GOLDEN.resolve("golden.json")))
            .get("cases")
            .get(SCENE)
            .get("texts");
    right = List.of(new ObjectMapper().convertValue(texts, String[].class));
    writing = Blip2.load(DemoModel.captioner());
    matching = Blip2.load(DemoModel.matcher());
  }

  @AfterAll
  static void close() {
    writing.close();
    matching.close();
  }

  @Test
  void captions() {
    assertThat(Tasks.caption(writing, IMAGE)).isEqualTo(right.get(0));
    assertThat(Tasks.severalCaptions(writing, IMAGE)).hasSize(3).doesNotHaveDuplicates();
    assertThat(Tasks.promptedCaption(writing, IMAGE)).isEqualTo(right.get(5));
    assertThat(Tasks.stream(writing, IMAGE)).isEqualTo(right.get(0));
  }

  @Test
  void questions() {
    assertThat(Tasks.ask(writing, IMAGE, FIRST)).isEqualTo(right.get(1));
    assertThat(Tasks.askMany(writing, IMAGE, List.of(FIRST, SECOND)))
        .containsExactly(right.get(1), right.get(2));
    assertThat(Tasks.chat(writing, IMAGE, FIRST, SECOND)).isEqualTo(right.get(4));
    assertThat(Tasks.rank(writing, IMAGE, FIRST, List.of("square", "circle", "star")))
        .isEqualTo("circle");
  }

  @Test
  void manyAtOnce() {
    List<String> texts = Tasks.batch(writing, List.of(IMAGE, image(2)));
    assertThat(texts).hasSize(4).startsWith(right.get(0), right.get(5));
    assertThat(texts.get(2)).isEqualTo(writing.caption(image(2)).text());
  }

  @Test
  void matches() {
    String caption = right.get(0);
    assertThat(Tasks.match(matching, IMAGE, List.of("a red square on a blue background", caption)))
        .isEqualTo(caption);
    assertThat(Tasks.classify(matching, IMAGE, List.of("a red square", "a yellow circle")))
        .isEqualTo("a yellow circle");
    assertThat(Tasks.embed(matching, IMAGE, caption))
        .isCloseTo(matching.matcher().match(IMAGE, caption).itcSimilarity(), within(1e-5));
  }
}
