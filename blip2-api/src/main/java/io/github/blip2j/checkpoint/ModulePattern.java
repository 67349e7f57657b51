package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression out of an adapter's settings, matched against whole names of modules. Such
 * an expression can be made to run for years; here it is given up. Immutable.
 *
 * @param where names it in errors
 */
record ModulePattern(String where, Pattern pattern) {
  private static final int MOST_LENGTH = 2000;
  private static final int MOST_STEPS = 200_000;
  private static final int LONGEST_NAME = 500;

  /**
   * Compiles an expression.
   *
   * @throws CheckpointException if it is none, or has more than 2000 letters
   */
  static ModulePattern of(String where, String expression) {
    if (expression.length() > MOST_LENGTH) {
      throw refused(where, "at most " + MOST_LENGTH + " letters", expression.length() + "", null);
    }
    try {
      return new ModulePattern(where, Pattern.compile(expression.replace("(?P<", "(?<")));
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw refused(where, "a regular expression", expression, e);
    }
  }

  /**
   * Whether it matches a module's whole name.
   *
   * @throws CheckpointException if that takes too many steps
   */
  boolean matches(String module) {
    if (module.length() > LONGEST_NAME) {
      throw refused(
          where, "names of at most " + LONGEST_NAME + " letters", module.length() + "", null);
    }
    try {
      return pattern.matcher(new Counted(module, new int[1])).matches();
    } catch (TooMany | StackOverflowError e) {
      throw refused(
          where,
          "an expression that is decided in " + MOST_STEPS + " steps",
          "\"" + pattern + "\", which takes more",
          e);
    }
  }

  private static CheckpointException refused(
      String where, String expected, String found, @Nullable Throwable e) {
    return new CheckpointException(where + ": expected " + expected + ", found " + found, e);
  }

  private static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A name that counts how often it is looked at. */
  private record Counted(CharSequence name, int[] steps) implements CharSequence {
    @Override
    public int length() {
      return name.length();
    }

    @Override
    public char charAt(int index) {
      if (++steps[0] > MOST_STEPS) {
        throw new TooMany();
      }
      return name.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return name.subSequence(start, end);
    }

    @Override
    public String toString() {
      return name.toString();
    }
  }
}
