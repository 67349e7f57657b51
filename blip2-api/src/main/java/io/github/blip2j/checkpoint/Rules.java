package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Rules that configurations must keep, with messages that give name, value and rule. */
final class Rules {
  private Rules() {}

  static void divides(String name, int divisor, String of, int value) {
    if (divisor < 1 || value < 1 || value % divisor != 0) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s (%d) must divide %s (%d)", name, divisor, of, value));
    }
  }

  static void oneOf(String name, String value, String... allowed) {
    if (!Arrays.asList(allowed).contains(value)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: expected %s, found \"%s\"", name, List.of(allowed), value));
    }
  }

  static void mustBe(String name, boolean expected, boolean found, String why) {
    if (expected != found) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s: expected %s, found %s: %s", name, expected, found, why));
    }
  }

  static void equal(String name, int expected, int found, String why) {
    if (expected != found) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s: expected %d, found %d: %s", name, expected, found, why));
    }
  }

  static void inVocabulary(String name, int id, int size) {
    if (id < 0 || id >= size) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: expected an id below vocab_size (%d), found %d", name, size, id));
    }
  }
}
