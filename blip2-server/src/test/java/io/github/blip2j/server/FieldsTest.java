package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.server.http.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Fields of JSON objects: what is read of them, and what is said of wrong ones. */
class FieldsTest {
  private static Fields of(String json) {
    return Fields.of(json.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(Executable reading, @Nullable String param, String message) {
    assertThatThrownBy(reading::execute)
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.param()).isEqualTo(param))
        .hasMessageContaining(message);
  }

  @Test
  void everyTypeIsRead() {
    Fields fields =
        of(
            """
            {"text": "a", "flag": true, "whole": 5, "big": 9007199254740993, "number": 1.5,
             "texts": ["a", "b"], "objects": [{"x": 1}, {"x": 2}], "object": {"y": "z"}}
            """);
    assertThat(fields.text("text")).contains("a");
    assertThat(fields.requiredText("text")).isEqualTo("a");
    assertThat(fields.flag("flag")).isTrue();
    assertThat(fields.whole("whole")).hasValue(5);
    assertThat(fields.whole("big")).hasValue(9_007_199_254_740_993L);
    assertThat(fields.whole("whole", 5, 5)).contains(5);
    assertThat(fields.number("number")).hasValue(1.5);
    assertThat(fields.number("whole")).hasValue(5);
    assertThat(fields.texts("texts", 2)).containsExactly("a", "b");
    List<Fields> objects = fields.objects("objects");
    assertThat(objects.get(1).whole("x")).hasValue(2);
    assertThat(objects.get(1).path()).isEqualTo("objects[1].");
    assertThat(fields.object("object").orElseThrow().text("y")).contains("z");
  }

  @Test
  void nullIsNotThere() {
    Fields fields =
        of("{\"a\": null, \"b\": null, \"c\": null, \"d\": null, \"e\": null, \"f\": null}");
    assertThat(fields.has("a")).isFalse();
    assertThat(fields.text("a")).isEmpty();
    assertThat(fields.flag("b")).isFalse();
    assertThat(fields.whole("c")).isEmpty();
    assertThat(fields.whole("c", 1, 2)).isEmpty();
    assertThat(fields.number("d")).isEmpty();
    assertThat(fields.objects("e")).isEmpty();
    assertThat(fields.object("f")).isEmpty();
    assertThat(of("{}").text("nothing")).isEmpty();
  }

  @Test
  void wrongTypesAreNamedWithWhatWasFound() {
    Fields fields = of("{\"a\": 5, \"b\": \"x\", \"c\": [1], \"d\": 1e40, \"e\": {}, \"f\": true}");
    refused(() -> fields.text("a"), "a", "a (5) must be a string");
    refused(() -> fields.text("f"), "f", "f (true) must be a string");
    refused(() -> fields.requiredText("z"), "z", "z (nothing) must be a string");
    refused(() -> fields.flag("b"), "b", "b (string) must be true or false");
    refused(() -> fields.whole("b"), "b", "b (string) must be a whole number");
    refused(() -> fields.whole("d"), "d", "must be a whole number");
    refused(() -> fields.whole("a", 6, 9), "a", "a (5) must be 6 to 9");
    refused(() -> fields.number("c"), "c", "c (array) must be a number");
    refused(() -> fields.texts("c", 3), "c", "must be a list of strings");
    refused(() -> fields.texts("b", 3), "b", "must be a list");
    refused(() -> fields.objects("c"), "c[0]", "c[0] (number) must be an object");
    refused(() -> fields.object("c"), "c", "c (array) must be an object");
  }

  @Test
  void listsOfTextsHaveALength() {
    Fields fields = of("{\"none\": [], \"three\": [\"a\", \"b\", \"c\"]}");
    refused(() -> fields.texts("none", 2), "none", "none (0 strings) must be 1 to 2 strings");
    refused(() -> fields.texts("three", 2), "three", "three (3 strings) must be 1 to 2 strings");
    refused(() -> fields.texts("missing", 2), "missing", "0 strings");
  }

  @Test
  void otherFieldsAreRefused() {
    Fields fields = of("{\"a\": {\"b\": 1}}");
    assertThat(fields.only(Set.of("a", "c"))).isSameAs(fields);
    refused(() -> fields.only(Set.of("b", "c")), "a", "there are [b, c]");
    Fields inner = fields.object("a").orElseThrow();
    refused(() -> inner.only(Set.of("x")), "a.b", "a.b is no field of this");
    String name = "n".repeat(10_000);
    assertThatThrownBy(() -> of("{\"" + name + "\": 1}").only(Set.of("a")))
        .isInstanceOf(Refusal.class)
        .message()
        .hasSizeLessThan(300);
  }

  @Test
  void whatIsNoObjectIsRefusedWithItsPlace() {
    refused(() -> of("{\"a\": 1,\n\"b\": }"), null, "line 2");
    refused(() -> of("5"), null, "the body (number) must be an object");
    refused(() -> of(""), null, "the body (nothing) must be an object");
    refused(() -> of("{\"a\": 1} x"), null, "must be JSON");
    refused(() -> of("{\"a\": 1, \"a\": 2}"), null, "Duplicate");
    refused(() -> of("[".repeat(100) + "]".repeat(100)), null, "depth");
    refused(() -> Fields.of(new byte[] {'{', '"', (byte) 0xff, '"', '}'}), null, "must be JSON");
  }
}
