package io.github.blip2j.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * What is done with each image.
 *
 * @param task what comes of it
 * @param model what does it
 * @param text the prompt, question or description of all rows; empty for none
 * @param maxNewTokens most tokens of a text
 * @param temperature 0 for the likeliest tokens, else they are drawn
 * @param seed of what is drawn, together with each row's image and text
 */
record Job(Task task, ModelSpec model, String text, int maxNewTokens, double temperature, long seed)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** Kinds of results. */
  enum Task {
    /** A text; goes on from the row's text, if it has one. */
    CAPTION(DataTypes.StringType),
    /** The answer to the row's text. */
    ANSWER(DataTypes.StringType),
    /** One vector: the mean of the projected queries, of length 1. */
    EMBED(DataTypes.createArrayType(DataTypes.FloatType, false)),
    /** All projected queries, a vector each. */
    FEATURES(
        DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType, false), false)),
    /** The probability, 0 to 1, that the row's text describes the image. */
    MATCH(DataTypes.DoubleType);

    private final DataType result;

    Task(DataType result) {
      this.result = result;
    }

    DataType result() {
      return result;
    }

    /** Whether it is nothing without a text. */
    boolean needsText() {
      return this == ANSWER || this == MATCH;
    }

    /** The one of a name, such as {@code caption}. */
    static Task named(String name) {
      return Arrays.stream(values())
          .filter(task -> task.name().equalsIgnoreCase(name))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("task (" + name + ") must be one of " + names()));
    }

    static String names() {
      return Arrays.stream(values())
          .map(task -> task.name().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", "));
    }
  }

  /** Checks the numbers. */
  Job {
    if (maxNewTokens < 1) {
      throw new IllegalArgumentException("maxNewTokens (" + maxNewTokens + ") must be at least 1");
    }
    if (!(temperature >= 0)) {
      throw new IllegalArgumentException("temperature (" + temperature + ") must be at least 0");
    }
  }
}
