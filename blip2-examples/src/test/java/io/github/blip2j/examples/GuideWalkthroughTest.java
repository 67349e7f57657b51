package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.testkit.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Each block of the guide gives what its Python gave with the same checkpoint and image. */
class GuideWalkthroughTest {
  private static final Path MODEL = Fixtures.directory("tiny-opt");

  @Test
  void everyBlockPrintsWhatTheGuidesPythonPrints() throws IOException {
    JsonNode guide = new ObjectMapper().readTree(Files.readAllBytes(MODEL.resolve("guide.json")));
    assertThat(guide.get("blocks")).hasSize(5);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      String image = Fixtures.image(guide.get("image").textValue()).toString();
      GuideWalkthrough.main(new String[] {MODEL.toString(), image});
    } finally {
      System.setOut(before);
    }
    String expected =
        StreamSupport.stream(guide.get("blocks").spliterator(), false)
            .map(block -> block.get("text").textValue() + System.lineSeparator())
            .collect(Collectors.joining());
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
  }
}
