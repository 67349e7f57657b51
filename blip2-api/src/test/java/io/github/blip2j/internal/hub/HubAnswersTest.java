package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals of the Hub become one sentence that says what to do; none is tried again. */
class HubAnswersTest extends HubExchange {
  HubAnswersTest() {
    super(1000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401|GatedRepo|Access restricted|false|accept the conditions at http.*/owner/tiny-model and"
            + " set HF_TOKEN",
        "403|GatedRepo|Not in the list|true|the account of the token in HF_TOKEN has no access to"
            + " this gated model: accept",
        "401|RepoNotFound|Repository not found|false|no such model at http.*, or a private one",
        "401||Invalid username or password.|false|no such model at http.*, or a private one",
        "404|RepoNotFound|Repository not found|true|no such model at http.*, or one that the token"
            + " in HF_TOKEN may not read",
        "401||Invalid credentials in Authorization header|true|the Hub does not accept the token in"
            + " HF_TOKEN: make a new one at http.*/settings/tokens",
        "404|RevisionNotFound|Invalid rev id|true|no revision \"main\": see http.*/tree/main",
        "403||Access to this resource is disabled.|false|answered 403 .Access to this resource is"
            + " disabled",
        "403||Nothing for you|true|answered 403 .Nothing for you.; does the token in HF_TOKEN allow"
            + " reading",
        "400||Bad|false|answered 400 .Bad.",
        "451|||false|answered 451",
      })
  void everyRefusalSaysWhatToDo(
      int status, String code, String message, boolean token, String expected) {
    if (token) {
      client.with("HF_TOKEN", FakeHub.TOKEN);
    }
    hub.nextAt(
        "/revision/",
        (r, out) ->
            RawServer.write(
                out,
                status,
                "<html>a page</html>".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                code == null ? "X-Nothing: x" : "X-Error-Code: " + code,
                message == null ? "X-Nothing: x" : "X-Error-Message: " + message));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageMatching("owner/tiny-model.*" + expected + ".*")
        .hasMessageNotContaining(FakeHub.TOKEN)
        .hasMessageNotContaining("\n");
    assertThat(client.pauses()).isEmpty();
    assertThat(hub.hubRequests()).hasSize(1);
    assertThat(client.cache()).doesNotExist();
  }

  /** The conditions of a gated model are asked for its files, and not for its listing. */
  @Test
  void aGatedModelMayBeListedAndNotGiven() {
    hub.nextAt(
        "/resolve/" + FakeHub.COMMIT + "/model.safetensors",
        (r, out) -> RawServer.write(out, 401, new byte[0], "X-Error-Code: GatedRepo"));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("accept the conditions");
    assertThat(client.snapshot()).doesNotExist();
  }

  @Test
  void aListedFileThatIsNotThereIsNamed() {
    hub.nextAt(
        "/resolve/" + FakeHub.COMMIT + "/config.json",
        (r, out) -> RawServer.write(out, 404, new byte[0], "X-Error-Code: EntryNotFound"));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessage("owner/tiny-model/config.json: the Hub lists this file and does not have it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/revision/|<html>Please log in</html>",
        "/revision/|{}",
        "/revision/|{\"sha\":\"main\"}",
        "/revision/|[]",
        "/tree/|{\"error\":\"none\"}",
        "/tree/|[{\"type\":\"file\",\"path\":\"config.json\",\"size\":-1,\"oid\":\"x\"}]",
        "/tree/|[{\"type\":\"file\",\"path\":\"config.json\",\"size\":1,\"oid\":\"../../x\"}]",
        "/tree/|[{\"type\":\"file\",\"path\":\"\",\"size\":1,\"oid\":"
            + "\"0123456789abcdef0123456789abcdef01234567\"}]",
      })
  void whatNoHubWouldSayIsRefused(String path, String answer) {
    hub.nextAt(
        path,
        (r, out) ->
            RawServer.write(out, 200, answer.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("expected the answers of a Hugging Face Hub")
        .hasMessageContaining("HF_ENDPOINT");
    assertThat(client.cache()).doesNotExist();
  }

  /** Names come from the listing only where this library knows them, and from an index checked. */
  @ParameterizedTest
  @CsvSource({"../../escape.safetensors", "/etc/escape", "sub/model.safetensors", "..", "a\\\\b"})
  void anIndexCannotNameAPlaceElsewhere(String name) {
    hub.remove("model.safetensors")
        .text("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"" + name + "\"}}");
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("model.safetensors.index.json: weight_map: expected names of files");
  }

  @Test
  void anIndexThatNamesWhatIsNotThereIsRefused() {
    hub.remove("model.safetensors")
        .text("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"gone.safetensors\"}}");
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("an index names gone.safetensors, which the model does not have");
  }

  /** A port that is held and not listened at: nobody else's server can answer there. */
  @Test
  void withoutANetworkTheFirstFailureIsTold() throws IOException {
    try (Socket held = new Socket()) {
      held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String address = "http://127.0.0.1:" + held.getLocalPort();
      assertThatThrownBy(() -> client.with("HF_ENDPOINT", address).download())
          .isInstanceOf(DownloadException.class)
          .hasMessageContaining("no connection to 127.0.0.1; check the network, and the proxy");
    }
    assertThatThrownBy(() -> client.with("HF_ENDPOINT", "http://no-such-host.invalid").download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("no address is known of no-such-host.invalid; check the network");
    assertThat(client.pauses()).isEmpty();
  }
}
