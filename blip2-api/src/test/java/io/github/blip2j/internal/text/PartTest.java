package io.github.blip2j.internal.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked for by kind is kept; everything else is refused, or left behind. */
class PartTest {
  private static Part part(String json) {
    return Part.of("section", QuotedJson.of(json));
  }

  private static void refused(String json, Consumer<Part> asking, String message) {
    Part part = part(json);
    assertThatThrownBy(() -> asking.accept(part))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(message);
    assertThat(part.kept()).as("nothing wrong is kept").isEmpty();
  }

  @Test
  void onlyWhatWasAskedForIsKept() {
    Part part = part("{'a':'x','b':true,'c':3,'d':'y','e':'never asked','f':[1],'n':null}");
    assertThat(part.text("a")).isEqualTo("x");
    assertThat(part.flag("b")).isTrue();
    assertThat(part.number("c", 3, 3)).isEqualTo(3);
    part.oneOf("d", List.of("z", "y"));
    assertThat(part.textIfAny("n")).isEmpty();
    assertThat(part.textIfAny("g")).isEmpty();
    part.flagIfAny("n");
    part.oneOfIfAny("g", List.of("z"));
    part.keep("f", part.list("f"));
    assertThat(part.kept()).isEqualTo(QuotedJson.of("{'a':'x','b':true,'c':3,'d':'y','f':[1]}"));
    assertThat(part.has("n")).as("null is nothing").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "'x'", "[]", "null", "true"})
  void aPartIsAnObject(String json) {
    String shown = json.replace('\'', '"');
    assertThatThrownBy(() -> part(json)).hasMessage("section: expected an object, found " + shown);
    assertThatThrownBy(() -> Part.of("section", null))
        .hasMessage("section: expected an object, found nothing");
  }

  @Test
  void valuesOfAnotherKindAreSaidWithTheirPlace() {
    refused("{'a':3}", p -> p.text("a"), "section: a: expected a text, found 3");
    refused("{}", p -> p.text("a"), "section: a: expected a text, found nothing");
    refused("{'a':null}", p -> p.text("a"), "section: a: expected a text, found null");
    refused("{'a':1}", p -> p.flag("a"), "section: a: expected true or false, found 1");
    refused("{'a':'1'}", p -> p.list("a"), "section: a: expected a list, found \"1\"");
    refused(
        "{'a':'q'}",
        p -> p.oneOf("a", List.of("x", "y")),
        "section: a: expected one of [x, y], found \"q\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "11", "2.0", "'3'", "99999999999", "true", "null"})
  void numbersAreIntegersInTheirRange(String value) {
    assertThatThrownBy(() -> part("{'a':" + value + "}").number("a", 1, 10))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("section: a: expected an integer from 1 to 10, found ");
    assertThat(part("{'a':1}").number("a", 1, 10)).isEqualTo(1);
    assertThat(part("{'a':10}").number("a", 1, 10)).isEqualTo(10);
  }

  @Test
  void idsEndBelowTwoToThe24th() {
    JsonNode most = QuotedJson.of(String.valueOf((1 << 24) - 1));
    assertThat(Part.id("id", most)).isEqualTo(16_777_215);
    assertThatThrownBy(() -> Part.id("id", QuotedJson.of(String.valueOf(1 << 24))))
        .hasMessage("id: expected an integer from 0 to 16777215, found 16777216");
  }

  @Test
  void textsAreWholeAndOfModerateLength() {
    String longest = "x".repeat(Part.LONGEST_TEXT);
    assertThat(Part.text("t", longest)).isEqualTo(longest);
    assertThatThrownBy(() -> Part.text("t", longest + "x"))
        .hasMessage("t: expected at most 2048 characters, found 2049");
    assertThat(Part.text("t", "\ud83d\ude00")).hasSize(2);
    for (String half : new String[] {"\ud83d", "a\ude00", "\ude00\ud83d"}) {
      assertThatThrownBy(() -> Part.text("t", half))
          .hasMessage("t: expected whole characters, found half of one");
    }
  }

  @Test
  void aCharacterIsOneCodePoint() {
    part("{'a':'\ud83d\ude00'}").character("a");
    assertThatThrownBy(() -> part("{'a':'ab'}").character("a"))
        .hasMessage("section: a: expected one character, found \"ab\"");
    assertThatThrownBy(() -> part("{'a':''}").character("a")).hasMessageContaining("one character");
    assertThatThrownBy(() -> part("{'a':''}").nonEmpty("a"))
        .hasMessage("section: a: expected a text that is not empty, found \"\"");
  }

  @Test
  void eachElementIsCheckedWithItsPlace() {
    Part part = part("{'a':[1,2]}");
    part.each("a", (where, one) -> QuotedJson.of("'" + where + " is " + one + "'"));
    assertThat(part.kept())
        .isEqualTo(QuotedJson.of("{'a':['section: a[0] is 1','section: a[1] is 2']}"));
    String many = "[1" + ",1".repeat(64) + "]";
    refused(
        "{'a':" + many + "}",
        p -> p.each("a", (where, one) -> one),
        "section: a: expected at most 64, found 65");
  }

  @Test
  void whatIsFoundIsShownBriefly() {
    refused(
        "{'a':[1,2,3,4,5,6,7,8,9]}",
        p -> p.text("a"),
        "section: a: expected a text, found a list of 9");
    refused("{'a':[1,2]}", p -> p.text("a"), "section: a: expected a text, found [1,2]");
    refused(
        "{'a':['" + "x".repeat(100) + "']}",
        p -> p.text("a"),
        "section: a: expected a text, found [\"" + "x".repeat(75) + "...");
  }
}
