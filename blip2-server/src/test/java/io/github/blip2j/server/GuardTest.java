package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.server.http.Refusal;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask: hosts, origins, tokens. */
class GuardTest {
  private static final Guard PLAIN = new Guard(ServerAccess.defaults());

  private static void refused(Guard guard, FakeCall call, int status, String words) {
    assertThatThrownBy(
            () -> {
              guard.checkPlace(call);
              guard.checkToken(call);
            })
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.status()).isEqualTo(status))
        .hasMessageContaining(words);
  }

  private static FakeCall host(String host) {
    return new FakeCall("").header("Host", host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8080",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]:8080",
        "[::1]",
        "192.168.1.5:80"
      })
  void addressesAndLocalhostAreKnown(String host) {
    PLAIN.checkPlace(host(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "[::1]evil",
        "localhost:8080:90",
        ""
      })
  void aNameThatWasLentThisAddressIsRefused(String host) {
    refused(PLAIN, host(host), 403, "Host header");
  }

  @Test
  void aRequestWithoutHostIsRefused() {
    FakeCall call = new FakeCall("");
    call.headers.remove("Host");
    refused(PLAIN, call, 403, "Host header ()");
  }

  @Test
  void namesThatTheServerWasToldOfAreKnown() {
    Guard guard = new Guard(ServerAccess.defaults().withHosts(Set.of("Eyes.Example")));
    guard.checkPlace(host("eyes.example:443"));
    refused(guard, host("nose.example"), 403, "nose.example");
  }

  @Test
  void pagesOfOtherPlacesAreRefused() {
    for (String origin :
        new String[] {
          "https://evil.example",
          "null",
          "http://localhost",
          "http://localhost:9",
          "https://localhost:8080"
        }) {
      refused(PLAIN, host("localhost:8080").header("Origin", origin), 403, "Origin header");
    }
    FakeCall own = host("localhost:8080").header("Origin", "http://localhost:8080");
    PLAIN.checkPlace(own);
    assertThat(own.added).isEmpty();
  }

  @Test
  void pagesThatAreAllowedAreToldSo() {
    String page = "https://eyes.example";
    Guard guard = new Guard(ServerAccess.defaults().withOrigins(Set.of(page)));
    FakeCall call = host("localhost").header("Origin", page);
    guard.checkPlace(call);
    assertThat(call.added)
        .containsEntry("Access-Control-Allow-Origin", page)
        .containsEntry("Vary", "Origin")
        .doesNotContainKey("Access-Control-Allow-Methods");
    FakeCall before = host("localhost").header("Origin", page).header(":method", "OPTIONS");
    guard.checkPlace(before);
    assertThat(before.added.get("Access-Control-Allow-Headers")).contains("Authorization");
    refused(guard, host("localhost").header("Origin", page + ".evil.example"), 403, "Origin");
  }

  @Test
  void aTokenIsAskedFor() {
    Guard guard = new Guard(ServerAccess.defaults().withToken("s3cret"));
    refused(guard, host("localhost"), 401, "is missing");
    for (String wrong :
        new String[] {"Bearer", "Bearer s3cre", "Bearer s3crets", "Basic s3cret", "s3cret"}) {
      refused(guard, host("localhost").header("Authorization", wrong), 401, "is something else");
    }
    guard.checkToken(host("localhost").header("Authorization", "Bearer s3cret"));
    guard.checkToken(host("localhost").header("Authorization", "bearer  s3cret "));
    assertThatThrownBy(() -> guard.checkToken(host("localhost")))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.headers()).containsEntry("WWW-Authenticate", "Bearer"))
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void accessDoesNotTellItsToken() {
    ServerAccess access = ServerAccess.defaults().withToken("s3cret");
    assertThat(access).hasToString("ServerAccess[a token, hosts=[], origins=[]]");
    assertThat(ServerOptions.defaults().withAccess(access).toString()).doesNotContain("s3cret");
    assertThatThrownBy(() -> ServerAccess.defaults().withToken("two words"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9 letters")
        .hasMessageNotContaining("words");
    assertThatThrownBy(() -> ServerAccess.defaults().withToken(""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
