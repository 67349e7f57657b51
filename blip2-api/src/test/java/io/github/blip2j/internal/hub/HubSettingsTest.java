package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The variables of {@code huggingface_hub}, as it reads them. */
class HubSettingsTest {
  @TempDir Path home;

  private Locations locations(String variables) {
    Map<String, String> environment = new HashMap<>();
    for (String each : variables.split(";")) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        environment.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return new Locations(environment, home.toString(), "Linux", home, () -> home);
  }

  private HubSettings settings(String variables) {
    return HubSettings.of(locations(variables));
  }

  @Test
  void withoutVariablesItIsTheOfficialHubWithoutAToken() {
    HubSettings usual = settings("");
    assertThat(usual)
        .isEqualTo(
            new HubSettings(
                URI.create("https://huggingface.co"),
                null,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                true));
    assertThat(HubSettings.offline(locations(""))).isNull();
  }

  @Test
  void everythingCanBeSet() {
    HubSettings set =
        settings(
            "HF_ENDPOINT=https://mirror.example/hub//;HF_HUB_ETAG_TIMEOUT=3;"
                + "HF_HUB_DOWNLOAD_TIMEOUT=45;HF_HUB_DISABLE_SYMLINKS=yes");
    assertThat(set.endpoint()).isEqualTo(URI.create("https://mirror.example/hub"));
    assertThat(set.answer()).isEqualTo(Duration.ofSeconds(3));
    assertThat(set.stall()).isEqualTo(Duration.ofSeconds(45));
    assertThat(set.links()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "HF_ENDPOINT=huggingface.co, HF_ENDPOINT: expected an address",
    "HF_ENDPOINT=ftp://x, HF_ENDPOINT: expected an address",
    "HF_ENDPOINT=https://, HF_ENDPOINT: expected an address",
    "HF_ENDPOINT=https://a b, HF_ENDPOINT: expected an address",
    "HF_HUB_ETAG_TIMEOUT=soon, HF_HUB_ETAG_TIMEOUT: expected seconds",
    "HF_HUB_DOWNLOAD_TIMEOUT=0, HF_HUB_DOWNLOAD_TIMEOUT: expected seconds",
    "HF_HUB_DOWNLOAD_TIMEOUT=-3, HF_HUB_DOWNLOAD_TIMEOUT: expected seconds",
    "HF_TOKEN=hf_ä, HF_TOKEN: expected a token of the Hub",
    "HF_TOKEN=hf_a b, HF_TOKEN: expected a token of the Hub",
  })
  void whatCannotBeIsRefusedByName(String variables, String expected) {
    assertThatThrownBy(() -> settings(variables))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining(expected);
  }

  private String token(String variables) {
    HubSettings.Token token = settings(variables).token();
    return token == null ? "none" : token.value();
  }

  @Test
  void theTokenIsTheFirstThatThereIs() throws IOException {
    assertThat(token("")).isEqualTo("none");
    Path login = home.resolve(".cache/huggingface/token");
    Files.createDirectories(login.getParent());
    Files.writeString(login, "  hf_file\r\n");
    Path other = Files.writeString(home.resolve("other"), "hf_other");
    Files.writeString(home.resolve("token"), "hf_home");
    assertThat(token("")).isEqualTo("hf_file");
    assertThat(token("HF_HOME=" + home)).isEqualTo("hf_home");
    assertThat(token("HF_TOKEN_PATH=" + other)).isEqualTo("hf_other");
    assertThat(token("HF_TOKEN_PATH=~/other")).isEqualTo("hf_other");
    assertThat(token("HUGGING_FACE_HUB_TOKEN=hf_old")).isEqualTo("hf_old");
    assertThat(token("HF_TOKEN= hf_new ;HUGGING_FACE_HUB_TOKEN=hf_old")).isEqualTo("hf_new");
    assertThat(token("HF_TOKEN=hf_new;HF_HUB_DISABLE_IMPLICIT_TOKEN=ON")).isEqualTo("none");
    Files.writeString(login, "\n");
    assertThat(token("")).isEqualTo("none");
  }

  /** Records print their components: this one must not. */
  @Test
  void theTokenIsPrintedNowhere() throws IOException {
    assertThat(settings("HF_TOKEN=hf_Secret").toString())
        .doesNotContain("hf_Secret")
        .contains("a token from HF_TOKEN");
    Path folder = Files.createDirectory(home.resolve("folder"));
    assertThatThrownBy(() -> settings("HF_TOKEN_PATH=" + folder))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("folder: the file with the Hub's token cannot be read")
        .hasMessageContaining("or set HF_TOKEN");
  }

  @ParameterizedTest
  @CsvSource({
    "HF_HUB_OFFLINE=1, HF_HUB_OFFLINE",
    "HF_HUB_OFFLINE=True, HF_HUB_OFFLINE",
    "HF_HUB_OFFLINE=on, HF_HUB_OFFLINE",
    "HF_HUB_OFFLINE=0, ",
    "HF_HUB_OFFLINE=no, ",
    "HF_HUB_OFFLINE=auto, ",
    "TRANSFORMERS_OFFLINE=yes, TRANSFORMERS_OFFLINE",
    "HF_HUB_OFFLINE=0;TRANSFORMERS_OFFLINE=1, ",
    "HF_HUB_OFFLINE=;TRANSFORMERS_OFFLINE=1, TRANSFORMERS_OFFLINE",
  })
  void offlineIsWhatTheReferenceTakesForIt(String variables, String expected) {
    assertThat(HubSettings.offline(locations(variables))).isEqualTo(expected);
  }
}
