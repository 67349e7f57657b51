package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings are what is asked for, or an error with their place: nothing is converted. */
class JsonTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("config.json"), text.replace('\'', '"'));
  }

  private Json json(String text) throws IOException {
    return Json.read(file(text));
  }

  private void refused(String text, Function<Json, ?> asking, String message) throws IOException {
    Json json = json(text);
    assertThatThrownBy(() -> asking.apply(json))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(folder.resolve("config.json") + ": " + message);
  }

  @Test
  void valuesOfTheirTypeAreGiven() throws IOException {
    Json json =
        json(
            "{'t':'x','i':7,'z':0,'n':1.5,'w':2,'f':false,'l':[1,-2],'s':['a','b'],"
                + "'r':[0.5,1],'o':{'in':'side'}}");
    assertThat(json.text("t")).isEqualTo("x");
    assertThat(json.positive("i", 1)).isEqualTo(7);
    assertThat(json.id("z", 1)).isZero();
    assertThat(json.ids("z")).containsExactly(0);
    assertThat(json.number("n", 0)).isEqualTo(1.5);
    assertThat(json.number("w", 0)).isEqualTo(2);
    assertThat(json.flag("f", true)).isFalse();
    assertThat(json.longs("l")).containsExactly(1L, -2L);
    assertThat(json.texts("s", List.of())).containsExactly("a", "b");
    assertThat(json.floats("r", List.of())).containsExactly(0.5f, 1f);
    assertThat(json.at("o").text("in")).isEqualTo("side");
    assertThat(json.at("o").where()).endsWith("config.json: o");
    assertThat(json.keys()).containsExactly("t", "i", "z", "n", "w", "f", "l", "s", "r", "o");
    assertThat(List.of(json.isNumber("i"), json.isText("t"))).containsOnly(true);
    assertThat(List.of(json.isNumber("t"), json.isText("i"), json.isText("?"))).containsOnly(false);
    assertThat(json.shown("o")).isEqualTo("{\"in\":\"side\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'k':null}"})
  void whatIsAbsentOrNullIsTheOtherValue(String text) throws IOException {
    Json json = json(text);
    assertThat(json.has("k")).isFalse();
    assertThat(json.text("k", "other")).isEqualTo("other");
    assertThat(json.positive("k", 7)).isEqualTo(7);
    assertThat(json.id("k", 8)).isEqualTo(8);
    assertThat(json.number("k", 0.5)).isEqualTo(0.5);
    assertThat(json.epsilon("k", 1e-5)).isEqualTo(1e-5);
    assertThat(json.flag("k", true)).isTrue();
    assertThat(json.texts("k", List.of("x"))).containsExactly("x");
    assertThat(json.floats("k", List.of(2f))).containsExactly(2f);
    assertThat(json.at("k").keys()).isEmpty();
    assertThat(json.at("k").at("deeper").positive("k", 3)).isEqualTo(3);
  }

  @Test
  void otherTypesAreRefused() throws IOException {
    refused("{}", j -> j.text("k"), "k: expected a string, found nothing");
    refused("{'k':3}", j -> j.text("k", ""), "k: expected a string, found 3");
    refused("{'k':true}", j -> j.positive("k", 1), "k: expected a positive integer, found true");
    refused("{'k':'3'}", j -> j.number("k", 1), "k: expected a finite number, found \"3\"");
    refused("{'k':1}", j -> j.flag("k", true), "k: expected true or false, found 1");
    refused("{'k':[1.5]}", j -> j.longs("k"), "k: expected a list of integers, found 1.5");
    refused("{}", j -> j.longs("k"), "k: expected a list of integers, found nothing");
    refused(
        "{'k':'a'}", j -> j.texts("k", List.of()), "k: expected a list of strings, found \"a\"");
    refused("{'k':[1]}", j -> j.texts("k", List.of()), "k: expected a list of strings, found 1");
    refused(
        "{'k':['a']}", j -> j.floats("k", List.of()), "k: expected a list of numbers, found \"a\"");
    refused("{'k':[1,-2]}", j -> j.ids("k"), "k: expected token ids, found -2");
    refused("{'k':[]}", j -> j.at("k"), "k: expected a JSON object, found []");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.0", "2147483648", "1e3"})
  void aPositiveIntegerIsAnIntegerAboveZero(String value) throws IOException {
    assertThat(json("{'k':2147483647}").positive("k", 1)).isEqualTo(Integer.MAX_VALUE);
    Json json = json("{'k':" + value + "}");
    assertThatThrownBy(() -> json.positive("k", 1))
        .hasMessageContaining("k: expected a positive integer, found ");
  }

  /** Python writes them; where a number is asked for they are none. */
  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "1e999"})
  void numbersAreFinite(String value) throws IOException {
    Json json = json("{'unused':" + value + ",'k':" + value + "}");
    assertThatThrownBy(() -> json.number("k", 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("k: expected a finite number, found ");
  }

  @ParameterizedTest
  @CsvSource({"1e-12,true", "1,true", "0,false", "-1e-5,false", "1.5,false"})
  void anEpsilonIsAboveZeroAndAtMostOne(String value, boolean right) throws IOException {
    Json json = json("{'k':" + value + "}");
    if (right) {
      assertThat(json.epsilon("k", 0.5)).isEqualTo(Double.parseDouble(value));
    } else {
      assertThatThrownBy(() -> json.epsilon("k", 0.5))
          .hasMessageContaining("k: expected a number above 0 and at most 1");
    }
  }

  /** Which of two values was meant nobody knows; of what is not needed, nobody asks. */
  @Test
  void aValueThatIsThereTwiceIsNone() throws IOException {
    Json json = json("{'a':1,'k':1,'k':2,'k':3,'o':{'i':1,'i':1}}");
    assertThat(json.positive("a", 0)).isEqualTo(1);
    assertThatThrownBy(() -> json.positive("k", 1)).hasMessageContaining("two values");
    assertThatThrownBy(() -> json.at("o").positive("i", 1)).hasMessageContaining("two values");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'k':1|expected JSON, found:",
        "{'k':1} {}|expected JSON, found:",
        "{'k':01}|expected JSON, found:",
        "[1,2]|expected a JSON object, found [1,2]",
        "3|expected a JSON object, found 3",
        "null|expected a JSON object, found null"
      })
  void filesThatAreSomethingElseAreNamed(String text, String message) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file + ": " + message);
  }

  @Test
  void emptyMissingAndUnreadableFilesAreToldApart() throws IOException {
    Path empty = file("");
    assertThatThrownBy(() -> Json.read(empty))
        .hasMessage(empty + ": expected a JSON object, found an empty file");
    Path missing = folder.resolve("none.json");
    assertThat(Json.find(missing)).isEmpty();
    assertThatThrownBy(() -> Json.read(missing))
        .hasMessage(missing + ": expected this file, found none");
    assertThatThrownBy(() -> Json.read(folder))
        .as("a directory")
        .isInstanceOf(CheckpointException.class);
    Path broken = Files.createSymbolicLink(folder.resolve("link.json"), missing);
    assertThatThrownBy(() -> Json.find(broken))
        .as("a link that leads nowhere is no absent file")
        .isInstanceOf(CheckpointException.class);
    Path binary = Files.write(folder.resolve("b.json"), new byte[] {'{', '"', (byte) 0xff, '"'});
    assertThatThrownBy(() -> Json.read(binary)).isInstanceOf(CheckpointException.class);
  }

  /** Megabytes are not repeated in a message. */
  @Test
  void whatIsFoundIsShownBriefly() throws IOException {
    Json json = json("{'k':'" + "x".repeat(1000) + "'}");
    assertThat(json.shown("k")).hasSize(80).startsWith("\"xxx").endsWith("...");
    assertThat(json.shown("none")).isEqualTo("nothing");
    assertThat(Json.empty("defaults").where()).isEqualTo("defaults");
  }

  @Test
  void rulesNameNameValueAndRule() {
    Rules.divides("heads", 4, "hiddenSize", 12);
    assertThatThrownBy(() -> Rules.divides("heads", 5, "hiddenSize", 768))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("heads (5) must divide hiddenSize (768)");
    assertThatThrownBy(() -> Rules.divides("heads", 0, "hiddenSize", 12))
        .hasMessage("heads (0) must divide hiddenSize (12)");
    Rules.oneOf("act", "gelu", "gelu", "relu");
    assertThatThrownBy(() -> Rules.oneOf("act", "tanh", "gelu", "relu"))
        .hasMessage("act: expected [gelu, relu], found \"tanh\"");
    Rules.mustBe("tied", true, true, "no reason");
    assertThatThrownBy(() -> Rules.mustBe("tied", true, false, "no other is known"))
        .hasMessage("tied: expected true, found false: no other is known");
    Rules.equal("layers", 3, 3, "no reason");
    assertThatThrownBy(() -> Rules.equal("layers", 3, 4, "so many are stored"))
        .hasMessage("layers: expected 3, found 4: so many are stored");
    Rules.inVocabulary("pad", 9, 10);
    for (int id : new int[] {-1, 10}) {
      assertThatThrownBy(() -> Rules.inVocabulary("pad", id, 10))
          .hasMessage("pad: expected an id below vocab_size (10), found " + id);
    }
  }

  @Test
  void severalTokensAreAtLeastOneAndAllInTheVocabulary() {
    List<Integer> ids = new ArrayList<>(List.of(0, 9));
    List<Integer> kept = Rules.tokens("eos", ids, 10);
    ids.clear();
    assertThat(kept).containsExactly(0, 9);
    assertThatThrownBy(() -> Rules.tokens("eos", List.of(), 10))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("eos: expected an id, found none");
    assertThatThrownBy(() -> Rules.tokens("eos", List.of(3, 10), 10))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("eos: expected an id below vocab_size (10), found 10");
  }

  /** As token ids are: in the settings themselves, else in those of generation, else usual. */
  @Test
  void idsMayBeInOtherSettings() throws IOException {
    Json own = json("{'here':[4,5],'null':null}");
    Json others = json("{'here':6,'there':7,'null':[8]}");
    assertThat(own.ids("here", others, 1)).containsExactly(4, 5);
    assertThat(own.ids("there", others, 1)).containsExactly(7);
    assertThat(own.ids("null", others, 1)).containsExactly(8);
    assertThat(own.ids("nowhere", others, 1)).containsExactly(1);
    Json wrong = json("{'there':'x'}");
    assertThatThrownBy(() -> own.ids("there", wrong, 1))
        .hasMessageContaining("there: expected token ids");
  }

  @Test
  void filesAreUtf8() throws IOException {
    byte[] bytes = "{\"k\":\"caf\u00e9 \ud83d\ude00\"}".getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("utf8.json"), bytes);
    assertThat(Json.read(file).text("k")).isEqualTo("caf\u00e9 \ud83d\ude00");
  }
}
