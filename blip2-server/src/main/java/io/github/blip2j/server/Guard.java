package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may ask: by the {@code Host} header, which a page that was lent this server's address by its
 * own name gives away; by {@code Origin}, which browsers set for pages of other places; by token.
 */
final class Guard {
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");
  private static final String BEARER = "Bearer ";

  private final ServerAccess access;

  Guard(ServerAccess access) {
    this.access = access;
  }

  /**
   * Checks host and origin; an origin that is allowed by name is told so.
   *
   * @throws Refusal 403
   */
  void checkPlace(Call call) {
    String host = call.header("Host").orElse("").toLowerCase(Locale.ROOT);
    String name = PORT.matcher(host).replaceFirst("");
    if (!known(name)) {
      throw new Refusal(
          403,
          "unknown_host",
          null,
          "the Host header ("
              + shown(host)
              + ") must be localhost, an IP address or a name that"
              + " the server was told of");
    }
    Optional<String> origin = call.header("Origin");
    if (origin.isEmpty() || origin.get().equals("http://" + host)) {
      return;
    }
    if (!access.origins().contains(origin.get())) {
      throw new Refusal(
          403,
          "unknown_origin",
          null,
          "the Origin header ("
              + shown(origin.get())
              + ") must be this server's own, or one that"
              + " the server was told of");
    }
    call.add("Access-Control-Allow-Origin", origin.get());
    call.add("Vary", "Origin");
    if (call.method().equals("OPTIONS")) {
      call.add("Access-Control-Allow-Methods", "GET, POST, DELETE");
      call.add("Access-Control-Allow-Headers", "Authorization, Content-Type");
      call.add("Access-Control-Max-Age", "600");
    }
  }

  private boolean known(String name) {
    return name.equals("localhost")
        || IPV4.matcher(name).matches()
        || IPV6.matcher(name).matches()
        || access.hosts().contains(name);
  }

  private static String shown(String header) {
    return header.length() > 100 ? header.substring(0, 100) + "…" : header;
  }

  /**
   * Checks the token, if there is one.
   *
   * @throws Refusal 401
   */
  void checkToken(Call call) {
    String token = access.token();
    if (token == null) {
      return;
    }
    String given = call.header("Authorization").orElse("");
    boolean bearer = given.regionMatches(true, 0, BEARER, 0, BEARER.length());
    if (!bearer || !same(given.substring(BEARER.length()).strip(), token)) {
      throw new Refusal(
              401,
              "invalid_api_key",
              null,
              "the header Authorization must be \"Bearer\" and the server's token, but it "
                  + (given.isEmpty() ? "is missing" : "is something else"))
          .with("WWW-Authenticate", "Bearer")
          .with("x-should-retry", "false");
    }
  }

  /** In a time that does not tell how much of it was right. */
  private static boolean same(String given, String token) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
