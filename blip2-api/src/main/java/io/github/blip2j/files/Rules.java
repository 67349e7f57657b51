package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Rules that configurations must keep, with messages that give name, value and rule. */
public final class Rules {
  private Rules() {}

  /**
   * One number divides another.
   *
   * @param name of the divisor
   * @param divisor at least 1
   * @param of name of the other
   * @param value the other, at least 1
   * @throws CheckpointException if it is not so
   */
  public static void divides(String name, int divisor, String of, int value) {
    if (divisor < 1 || value < 1 || value % divisor != 0) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s (%d) must divide %s (%d)", name, divisor, of, value));
    }
  }

  /**
   * A text is one of a few.
   *
   * @param name of the setting
   * @param value what was found
   * @param allowed what may be
   * @throws CheckpointException if it is not so
   */
  public static void oneOf(String name, String value, String... allowed) {
    if (!Arrays.asList(allowed).contains(value)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: expected %s, found \"%s\"", name, List.of(allowed), value));
    }
  }

  /**
   * A flag has the only value that is supported.
   *
   * @param name of the setting
   * @param expected the value
   * @param found what was found
   * @param why for the message
   * @throws CheckpointException if it is not so
   */
  public static void mustBe(String name, boolean expected, boolean found, String why) {
    if (expected != found) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s: expected %s, found %s: %s", name, expected, found, why));
    }
  }

  /**
   * Two numbers are the same.
   *
   * @param name of the setting
   * @param expected the number
   * @param found what was found
   * @param why for the message
   * @throws CheckpointException if it is not so
   */
  public static void equal(String name, int expected, int found, String why) {
    if (expected != found) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s: expected %d, found %d: %s", name, expected, found, why));
    }
  }

  /**
   * An id is a token.
   *
   * @param name of the setting
   * @param id what was found
   * @param size number of tokens
   * @throws CheckpointException if it is not so
   */
  public static void inVocabulary(String name, int id, int size) {
    if (id < 0 || id >= size) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: expected an id below vocab_size (%d), found %d", name, size, id));
    }
  }

  /**
   * Ids are tokens, and there is one at least.
   *
   * @param name of the setting
   * @param ids what was found
   * @param size number of tokens
   * @return a copy
   * @throws CheckpointException if it is not so
   */
  public static List<Integer> tokens(String name, List<Integer> ids, int size) {
    if (ids.isEmpty()) {
      throw new CheckpointException(name + ": expected an id, found none");
    }
    ids.forEach(id -> inVocabulary(name, id, size));
    return List.copyOf(ids);
  }
}
