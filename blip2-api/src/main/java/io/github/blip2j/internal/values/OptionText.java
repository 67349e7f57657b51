package io.github.blip2j.internal.values;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Options as text: those that differ from the defaults, in their own order. */
public final class OptionText {
  private static final int MOST_ELEMENTS = 8; // of a list that is shown whole

  private OptionText() {}

  /**
   * Writes what differs.
   *
   * @param type simple name of the options' class
   * @param values by name, in the order in which they are shown
   * @param defaults by the same names
   * @return such as {@code GenerationOptions[maxNewTokens=40, numBeams=5]}
   */
  public static String of(String type, Map<String, Object> values, Map<String, Object> defaults) {
    List<String> changed = new ArrayList<>();
    values.forEach(
        (name, value) -> {
          if (!value.equals(defaults.get(name))) {
            changed.add(name + "=" + shown(value));
          }
        });
    return type + (changed.isEmpty() ? "[defaults]" : changed.toString());
  }

  private static String shown(Object value) {
    if (value instanceof Optional<?> optional && optional.isPresent()) {
      return optional.get().toString();
    }
    if (value instanceof OptionalLong optional && optional.isPresent()) {
      return Long.toString(optional.getAsLong());
    }
    if (value instanceof List<?> list && list.size() > MOST_ELEMENTS) {
      String head = list.subList(0, MOST_ELEMENTS).toString();
      int left = list.size() - MOST_ELEMENTS;
      return head.substring(0, head.length() - 1) + ", and " + left + " more]";
    }
    return value.toString();
  }
}
