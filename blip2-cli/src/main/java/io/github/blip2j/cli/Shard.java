package io.github.blip2j.cli;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * One of several shares of the same work, for as many machines. Which one a file belongs to is seen
 * in its name alone: files that are added or taken away move no other.
 *
 * @param index from 1 to {@code count}
 * @param count how many there are
 */
record Shard(int index, int count) {
  /** The only share. */
  static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern FORM = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

  Shard {
    if (index < 1 || index > count) {
      throw new IllegalArgumentException(
          "--shard: expected i/n with i from 1 to n, such as 2/4, found " + index + "/" + count);
    }
  }

  /** Reads {@code i/n}. */
  static Shard parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "--shard: expected i/n with i from 1 to n, such as 2/4, found " + text);
    }
    return new Shard(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
  }

  boolean holds(String name) {
    CRC32 sum = new CRC32();
    sum.update(name.getBytes(StandardCharsets.UTF_8));
    return sum.getValue() % count == index - 1;
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
