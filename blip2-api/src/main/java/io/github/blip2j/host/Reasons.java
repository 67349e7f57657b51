package io.github.blip2j.host;

import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says why something failed, the first cause included. */
final class Reasons {
  private Reasons() {}

  /**
   * The messages of an exception and its causes, without those that repeat an earlier one and those
   * of a class initialiser, which say nothing. Where the first cause has no message, its class.
   *
   * @param failure any
   * @return the messages, outermost first, with colons between; never empty
   */
  static String of(Throwable failure) {
    List<String> said = new ArrayList<>();
    Throwable at = failure;
    while (at != null) {
      Throwable cause = at.getCause() == at ? null : at.getCause();
      String message = message(at, cause == null);
      if (message != null && said.stream().noneMatch(s -> s.contains(message))) {
        said.removeIf(message::contains); // one that quotes its cause in full says less
        said.add(message);
      }
      at = cause;
    }
    return String.join(": ", said);
  }

  private static @Nullable String message(Throwable failure, boolean last) {
    String message = failure.getMessage();
    boolean initialiser =
        failure instanceof ExceptionInInitializerError
            || failure instanceof NoClassDefFoundError && !last;
    if (!last && (message == null || initialiser && !said(message))) {
      return null;
    }
    if (failure instanceof FileSystemException file && file.getReason() == null) {
      return failure.getClass().getSimpleName() + " " + message; // the message is the file alone
    }
    return message == null || message.isBlank() ? failure.getClass().getName() : message;
  }

  /** What a second failure of a class initialiser quotes of the first. */
  private static boolean said(String message) {
    return message.startsWith("Exception ");
  }
}
