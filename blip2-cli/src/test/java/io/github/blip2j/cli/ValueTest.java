package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.blip2j.generation.EarlyStopping;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A value of another kind than is asked for is refused with its key, and never converted. */
class ValueTest {
  private static Value value(String json) {
    try {
      return new Value("key", new ObjectMapper().readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static void refused(String json, Function<Value, ?> asking, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> asking.apply(value(json)))
        .withMessage("key: expected " + expected + ", found " + json);
  }

  @Test
  void valuesOfTheirKindAreGiven() {
    assertThat(value("-7").integer()).isEqualTo(-7);
    assertThat(value("12345678901").longInteger()).isEqualTo(12_345_678_901L);
    assertThat(value("7").longInteger()).isEqualTo(7);
    assertThat(value("7").number()).isEqualTo(7);
    assertThat(value("0.5").number()).isEqualTo(0.5);
    assertThat(value("true").flag()).isTrue();
    assertThat(value("\"x\"").text()).isEqualTo("x");
    assertThat(value("\"x\"").texts()).containsExactly("x");
    assertThat(value("[\"x\",\"y\"]").texts()).containsExactly("x", "y");
    assertThat(value("[]").texts()).isEmpty();
    assertThat(value("[[1,2],[3],[]]").words())
        .containsExactly(List.of(1, 2), List.of(3), List.of());
  }

  @Test
  void otherKindsAreRefused() {
    refused("7.0", Value::integer, "an integer");
    refused("\"7\"", Value::integer, "an integer");
    refused("12345678901", Value::integer, "an integer");
    refused("123456789012345678901", Value::longInteger, "an integer");
    refused("\"7\"", Value::number, "a number");
    refused("1", Value::flag, "true or false");
    refused("\"true\"", Value::flag, "true or false");
    refused("7", Value::text, "a string");
    refused("null", Value::text, "a string");
    refused("7", Value::texts, "a string or a list of strings");
    refused("7", Value::words, "a list of lists of token ids");
  }

  @Test
  void elementsOfListsAreOfTheirKindToo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> value("[\"x\",3]").texts())
        .withMessage("key: expected a string or a list of strings, found 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> value("[1,2]").words())
        .withMessage("key: expected a list of lists of token ids, found 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> value("[[1,\"2\"]]").words())
        .withMessage("key: expected a list of lists of token ids, found \"2\"");
  }

  @ParameterizedTest
  @CsvSource({"true,TRUE", "false,FALSE", "'\"never\"',NEVER", "'\"true\"',TRUE"})
  void earlyStoppingIsAFlagOrNever(String json, EarlyStopping expected) {
    assertThat(value(json).earlyStopping()).isEqualTo(expected);
  }

  @Test
  void otherEarlyStoppingIsRefused() {
    refused("1", Value::earlyStopping, "true, false or \"never\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> value("\"soon\"").earlyStopping())
        .withMessage("early_stopping (soon) must be true, false or never");
  }

  @Test
  void whatIsMissingIsNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Value("key", MissingNode.getInstance()).text())
        .withMessage("key: expected a string, found nothing");
  }
}
