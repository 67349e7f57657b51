package io.github.blip2j.mcp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a call says, of the kinds that the tool's schema asks for. */
record Arguments(Map<String, Object> values) {
  /** A text that must be there. */
  String text(String name) {
    return optionalText(name)
        .orElseThrow(() -> new IllegalArgumentException(name + " must be a text, found none"));
  }

  Optional<String> optionalText(String name) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && !text.isBlank()) {
      return Optional.of(text);
    }
    throw new IllegalArgumentException(name + " (" + value + ") must be a text that is not blank");
  }

  /** A whole number in a range. */
  int number(String name, int unless, int most) {
    Object value = values.getOrDefault(name, unless);
    if (value instanceof Number number
        && number.doubleValue() == number.intValue()
        && number.intValue() >= 1
        && number.intValue() <= most) {
      return number.intValue();
    }
    throw new IllegalArgumentException(
        name + " (" + value + ") must be a whole number from 1 to " + most);
  }

  /** Texts, at least one. */
  List<String> texts(String name, int most) {
    if (values.get(name) instanceof List<?> list
        && !list.isEmpty()
        && list.size() <= most
        && list.stream().allMatch(t -> t instanceof String text && !text.isBlank())) {
      return list.stream().map(String.class::cast).toList();
    }
    throw new IllegalArgumentException(
        name + " must be a list of 1 to " + most + " texts that are not blank");
  }
}
