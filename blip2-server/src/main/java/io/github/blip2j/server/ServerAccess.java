package io.github.blip2j.server;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask.
 *
 * @param token what requests must carry as {@code Authorization: Bearer …}, or null for none;
 *     {@code /health} is answered without
 * @param hosts names that the {@code Host} header may have besides {@code localhost} and IP
 *     addresses, without a port. Other names are refused: a page of a name that leads here could
 *     else read answers (DNS rebinding)
 * @param origins pages of other places that may use this server in a browser, such as {@code
 *     https://example.org}; none by default
 */
public record ServerAccess(@Nullable String token, Set<String> hosts, Set<String> origins) {
  /** Checks the token and copies the sets. */
  public ServerAccess {
    if (token != null && !token.matches("[\\x21-\\x7e]+")) {
      throw new IllegalArgumentException(
          "token (" + token.length() + " letters) must be visible ASCII letters, and not empty");
    }
    hosts = hosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    origins = Set.copyOf(origins);
  }

  /**
   * Without a token, for {@code localhost} and IP addresses, and no pages of other places.
   *
   * @return the defaults
   */
  public static ServerAccess defaults() {
    return new ServerAccess(null, Set.of(), Set.of());
  }

  /**
   * The same with a token.
   *
   * @param changed what requests must carry
   * @return changed access
   */
  public ServerAccess withToken(String changed) {
    return new ServerAccess(changed, hosts, origins);
  }

  /**
   * The same with other names.
   *
   * @param names that the {@code Host} header may have
   * @return changed access
   */
  public ServerAccess withHosts(Set<String> names) {
    return new ServerAccess(token, names, origins);
  }

  /**
   * The same with other pages.
   *
   * @param pages that may use this server in a browser
   * @return changed access
   */
  public ServerAccess withOrigins(Set<String> pages) {
    return new ServerAccess(token, hosts, pages);
  }

  /** Everything but the token. */
  @Override
  public String toString() {
    String secret = token == null ? "no token" : "a token";
    return "ServerAccess[" + secret + ", hosts=" + hosts + ", origins=" + origins + "]";
  }
}
