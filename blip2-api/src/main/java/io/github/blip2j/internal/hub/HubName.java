package io.github.blip2j.internal.hub;

import io.github.blip2j.core.CheckpointException;
import java.util.regex.Pattern;

/**
 * A model on the Hub and one of its revisions.
 *
 * @param id {@code owner/name}
 * @param revision a branch, a tag or a commit
 */
record HubName(String id, String revision) {
  static final String MAIN = "main";
  private static final int LONGEST = 96;
  private static final Pattern PART = Pattern.compile("\\w|\\w[\\w.-]*\\w");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Whether it could be the name of a model, by the Hub's rules; an owner is needed. */
  static boolean isId(String text) {
    int slash = text.indexOf('/');
    return slash > 0
        && text.length() <= LONGEST
        && PART.matcher(text.substring(0, slash)).matches()
        && PART.matcher(text.substring(slash + 1)).matches()
        && !text.contains("--")
        && !text.contains("..")
        && !text.endsWith(".git");
  }

  /**
   * Reads {@code owner/name} or {@code owner/name@revision}.
   *
   * @param revision which one if the name says nothing, or {@code main}
   * @throws CheckpointException if it is no such name, or names another revision than was chosen
   */
  static HubName parse(String text, String revision) {
    int at = text.indexOf('@');
    String id = at < 0 ? text : text.substring(0, at);
    String named = at < 0 ? revision : text.substring(at + 1);
    if (!isId(id)) {
      throw new CheckpointException(
          text + ": expected a checkpoint directory or owner/name as on the Hub, found neither");
    }
    if (!isRevision(named)) {
      throw new CheckpointException(
          id + ": expected a branch, a tag or a commit as the revision, found \"" + named + "\"");
    }
    if (!named.equals(revision) && !revision.equals(MAIN)) {
      throw new CheckpointException(
          text + ": expected one revision, found also \"" + revision + "\"; leave one of them out");
    }
    return new HubName(id, named);
  }

  /** What may be the name of a file below {@code refs}, and of a branch. */
  private static boolean isRevision(String text) {
    return !text.isBlank()
        && text.chars().allMatch(c -> c > ' ' && c != '\\' && c != ':' && c != 0x7f)
        && ("/" + text + "/").matches("(?:/(?!\\.{1,2}/)[^/]+)+/");
  }

  /** Whether the revision is a whole commit already. */
  boolean isCommit() {
    return isCommit(revision);
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** The model's folder in the cache. */
  String folder() {
    return "models--" + id.replace("/", "--");
  }

  /** What to type to have it downloaded. */
  String command() {
    return "`blip2 download " + id + (revision.equals(MAIN) ? "" : " --revision " + revision) + "`";
  }

  @Override
  public String toString() {
    return id + " (revision " + revision + ")";
  }
}
