package io.github.blip2j.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.POJONode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees are those that Jackson's mapper reads and writes. */
class JsonTreesTest {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final JsonTrees trees =
      new JsonTrees(
          JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build(),
          JsonNodeFactory.instance);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        " \n[[],{},[{}]] ",
        "{'a':1,'b':[true,false,null],'c':{'d':'e'},'':''}",
        "[0,-1,2147483647,2147483648,-9223372036854775808,9223372036854775808,1e400]",
        "[0.1,-2.5e-3,1E5,1.0,5e-324,1.7976931348623157e308,NaN,Infinity,-Infinity]",
        "'a \\u00e9 \\ud83d\\ude00 \\n \\\" \\\\ \\/ \\u0000'",
        "'é 語 😀'",
        "7",
        "null",
        "{'same':1,'other':2,'same':3}"
      })
  void oneTreeOfOneText(String text) throws IOException {
    byte[] json = utf8(text.replace('\'', '"'));
    JsonNode tree = MAPPER.readTree(json);
    assertThat(trees.read(json)).isEqualTo(tree);
    assertThat(trees.read(new String(json, StandardCharsets.UTF_8))).isEqualTo(tree);
    assertThat(trees.write(tree)).isEqualTo(MAPPER.writeValueAsBytes(tree));
  }

  /** Every file of the fixtures: settings, tokenizers, golden numbers. */
  @Test
  void oneTreeOfFilesAsTheyAre() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(Path.of("../blip2-testkit/src/main/resources"))) {
      files = all.filter(f -> f.toString().endsWith(".json")).toList();
    }
    assertThat(files).hasSizeGreaterThan(20);
    for (Path file : files) {
      byte[] json = Files.readAllBytes(file);
      JsonNode tree = MAPPER.readTree(json);
      assertThat(trees.read(json)).as(file.toString()).isEqualTo(tree);
      assertThat(trees.write(tree)).as(file.toString()).isEqualTo(MAPPER.writeValueAsBytes(tree));
    }
  }

  @Test
  void otherEncodingsAreFound() throws IOException {
    byte[] json = "{\"é\":1}".getBytes(StandardCharsets.UTF_16BE);
    assertThat(trees.read(json).path("é").intValue()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t "})
  void nothingIsAMissingNode(String text) throws IOException {
    assertThat(trees.read(utf8(text)).isMissingNode()).isTrue();
    assertThat(trees.read(text).isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{} {}", "1 2", "[]]", "{}x", "[1,2", "{\"a\"", "{\"a\":}", "[01]", "{a:1}"})
  void whatIsNotOneValueIsRefused(String text) {
    assertThatThrownBy(() -> trees.read(utf8(text))).isInstanceOf(JsonProcessingException.class);
    assertThatThrownBy(() -> trees.read(text)).isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void whatIsBehindTheValueIsNamedWithItsLine() {
    assertThatThrownBy(() -> trees.read("{}\n[]"))
        .isInstanceOfSatisfying(
            JsonParseException.class,
            e -> {
              assertThat(e.getOriginalMessage()).isEqualTo("Trailing token START_ARRAY");
              assertThat(e.getLocation().getLineNr()).isEqualTo(2);
            });
  }

  @Test
  void deepNestingIsAnErrorAndNoOverflow() {
    int depth = 200_000;
    assertThatThrownBy(() -> trees.read("[".repeat(depth) + "]".repeat(depth)))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("1000");
    String objects = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
    assertThatThrownBy(() -> trees.read(utf8(objects))).isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void aStrictFormatRefusesKeysThatComeTwice() {
    JsonTrees strict = JsonTrees.STRICT;
    assertThatThrownBy(() -> strict.read("{\"o\":{\"a\":1,\"b\":2,\"a\":1}}"))
        .isInstanceOf(JsonParseException.class)
        .hasMessageContaining("Duplicate field 'a'");
    assertThatThrownBy(() -> strict.read("[NaN]")).isInstanceOf(JsonParseException.class);
  }

  @Test
  void aPlainFormatTakesTheLastOfThem() throws IOException {
    assertThat(JsonTrees.PLAIN.read("{\"a\":1,\"a\":2}").path("a").intValue()).isEqualTo(2);
    assertThatThrownBy(() -> JsonTrees.PLAIN.read("[NaN]")).isInstanceOf(JsonParseException.class);
  }

  @Test
  void objectsOfJavasAreNotWritten() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trees.write(new POJONode("two values")))
        .withMessageContaining("POJO");
  }
}
