package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where everything lies: models, derived files and the user's home, by the process' environment and
 * system properties; the only place of this module that reads them. An empty variable counts as one
 * that is not set. The values of folders may begin with {@code ~} or {@code ~user} and contain
 * {@code $NAME} and <code>${NAME}</code>, as {@code huggingface_hub} reads them ({@code
 * constants.py}: Python's {@code expanduser}, then {@code expandvars}).
 *
 * @param environment variables by name
 * @param userHome what Java calls the user's home; {@code ?} for a user without an account
 * @param system what Java calls the operating system
 * @param accounts the file that lists users and their homes
 * @param unwritable where derived files go when the user's own folders cannot be written
 */
public record Locations(
    Map<String, String> environment,
    String userHome,
    String system,
    Path accounts,
    Supplier<Path> unwritable) {
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)})");
  private static final Pattern WINDOWS_VARIABLE = Pattern.compile("%([^%]+)%");

  /** Those of this process. */
  public static Locations ofProcess() {
    return new Locations(
        System.getenv(),
        System.getProperty("user.home", "?"),
        System.getProperty("os.name", ""),
        Path.of("/etc/passwd"),
        PrivateFolder::ofProcess);
  }

  /** A setting of this process by the variable, else the system property, of this name; or null. */
  public static @Nullable String setting(String name) {
    String variable = System.getenv(name);
    return variable != null ? variable : System.getProperty(name);
  }

  /**
   * The operating system and processor of this process, as Java calls them, such as Linux/amd64.
   */
  public static String platform() {
    return System.getProperty("os.name", "") + "/" + System.getProperty("os.arch", "");
  }

  /** The folder of all users' temporary files. */
  public static Path temporaryFiles() {
    return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
  }

  /** Whether this is Windows. */
  boolean windows() {
    return system.toLowerCase(Locale.ROOT).startsWith("windows");
  }

  /**
   * The user's home: {@code HOME}, on Windows {@code USERPROFILE}, else what Java says.
   *
   * @return null for a user who has none
   */
  @Nullable Path home() {
    String named = variable(windows() ? "USERPROFILE" : "HOME");
    if (named != null) {
      return Path.of(named);
    }
    return userHome.isBlank() || userHome.equals("?") ? null : Path.of(userHome);
  }

  /**
   * The Hub's cache, found as {@code huggingface_hub} finds it. Without a home it begins with
   * {@code ~}, as it does there; nothing is ever written to it.
   */
  Path hubCache() {
    for (String name : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
      String hub = variable(name);
      if (hub != null) {
        return expanded(hub);
      }
    }
    return hubHome().resolve("hub");
  }

  /** The file with the user's token, which {@code hf auth login} writes; may not be there. */
  Path tokenFile() {
    String named = variable("HF_TOKEN_PATH");
    return named != null ? expanded(named) : hubHome().resolve("token");
  }

  private Path hubHome() {
    String hf = variable("HF_HOME");
    return hf != null ? expanded(hf) : userCache().resolve("huggingface");
  }

  /**
   * Where backends keep what they derive from checkpoints, and native libraries: what {@code
   * BLIP2_CACHE} names, else {@code blip2} in the user's cache folder. If that cannot be written,
   * or the user has no home, a folder that only this process uses and deletes at its end.
   */
  Path derivedFiles() {
    String own = variable("BLIP2_CACHE");
    Path folder = own != null ? expanded(own) : userCache().resolve("blip2");
    boolean homeless = folder.toString().startsWith("~");
    return homeless || own == null && !canWrite(folder) ? unwritable.get() : folder;
  }

  private Path userCache() {
    String xdg = variable("XDG_CACHE_HOME");
    return expanded(xdg != null ? xdg : "~/.cache");
  }

  /** The value of a variable; null if it is not set or empty. */
  @Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Whether a variable says yes, in one of the words that {@code huggingface_hub} takes for it. */
  boolean says(String name) {
    String value = variable(name);
    return value != null
        && List.of("1", "on", "yes", "true").contains(value.toLowerCase(Locale.ROOT));
  }

  /** The folder itself can be written or, if it is not there, made. */
  private static boolean canWrite(Path folder) {
    Path at = folder.toAbsolutePath();
    while (at != null && !Files.exists(at)) {
      at = at.getParent();
    }
    return at != null && Files.isDirectory(at) && Files.isWritable(at);
  }

  private Path expanded(String value) {
    String text = value;
    if (text.startsWith("~")) {
      int end = 1;
      while (end < text.length() && text.charAt(end) != '/' && text.charAt(end) != '\\') {
        end++;
      }
      Path at = end == 1 ? home() : homeOf(text.substring(1, end));
      text = at == null ? text : at + text.substring(end);
    }
    text = replaced(VARIABLE, text);
    return Path.of(windows() ? replaced(WINDOWS_VARIABLE, text) : text);
  }

  /** A name that is not in the environment stays as it is. */
  private String replaced(Pattern variable, String text) {
    return variable
        .matcher(text)
        .replaceAll(
            found -> {
              String name = found.group(1) == null ? found.group(2) : found.group(1);
              return Matcher.quoteReplacement(environment.getOrDefault(name, found.group()));
            });
  }

  /** The home of another user; null if nobody has that name. */
  private @Nullable Path homeOf(String user) {
    try {
      for (String line : Files.readAllLines(accounts)) {
        String[] fields = line.split(":", -1);
        if (fields.length > 5 && fields[0].equals(user)) {
          return Path.of(fields[5]);
        }
      }
    } catch (IOException e) {
      // as if nobody had that name
    }
    return null;
  }
}
