package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which proxy serves which address, and that it is really used. */
class ProxiesTest {
  private static Proxies proxies(String variables, @Nullable ProxySelector application) {
    Map<String, String> environment = new HashMap<>();
    for (String each : variables.split(";")) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        environment.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return new Proxies(environment, application);
  }

  private static String chosen(Proxies proxies, String address) {
    Proxy proxy = proxies.select(URI.create(address)).get(0);
    return proxy.type() == Proxy.Type.DIRECT
        ? "direct"
        : ((InetSocketAddress) proxy.address()).getHostString()
            + ":"
            + ((InetSocketAddress) proxy.address()).getPort();
  }

  @ParameterizedTest
  @CsvSource({
    "'', https://huggingface.co, direct",
    "HTTPS_PROXY=http://p:8080, https://huggingface.co, p:8080",
    "HTTPS_PROXY=http://p:8080, http://huggingface.co, direct",
    "https_proxy=http://small:1;HTTPS_PROXY=http://large:2, https://x.org, small:1",
    "http_proxy=http://p:8080/, http://x.org, p:8080",
    "HTTP_PROXY=p:3128, http://x.org, p:3128",
    "ALL_PROXY=http://p, https://x.org, p:80",
    "all_proxy=http://all:1;https_proxy=http://one:2, https://x.org, one:2",
    "HTTPS_PROXY=http://name:pass%40@p:8080, https://x.org, p:8080",
    "HTTPS_PROXY=http://[::1]:8080, https://x.org, ::1:8080",
    "HTTPS_PROXY= , https://x.org, direct",
  })
  void theEnvironmentNamesProxies(String variables, String address, String expected) {
    assertThat(chosen(proxies(variables, null), address)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "huggingface.co|https://huggingface.co|direct",
        "huggingface.co|https://cdn.HuggingFace.co|direct",
        ".huggingface.co|https://cdn.huggingface.co|direct",
        ".huggingface.co|https://huggingface.co|direct",
        "*.huggingface.co|https://cdn.huggingface.co|direct",
        "face.co|https://huggingface.co|p:1",
        "localhost, x.org|https://x.org|direct",
        "x.org:443|https://x.org|direct",
        "x.org:8443|https://x.org|p:1",
        "x.org:8443|https://x.org:8443|direct",
        "127.0.0.1|https://127.0.0.1:9|direct",
        "::1|https://[::1]:9|direct",
        "[::1]:9|https://[::1]:9|direct",
        "*|https://x.org|direct",
        "''|https://x.org|p:1",
        ",,|https://x.org|p:1",
      })
  void theEnvironmentExemptsHosts(String exempt, String address, String expected) {
    for (String name : new String[] {"no_proxy", "NO_PROXY"}) {
      Proxies proxies = proxies("HTTPS_PROXY=http://p:1;" + name + "=" + exempt, null);
      assertThat(chosen(proxies, address)).as(name).isEqualTo(expected);
    }
  }

  @Test
  void whatTheVirtualMachineOrTheApplicationSaysComesFirst() {
    ProxySelector application =
        ProxySelector.of(InetSocketAddress.createUnresolved("application", 7));
    assertThat(chosen(proxies("HTTPS_PROXY=http://p:1", application), "https://x.org"))
        .isEqualTo("application:7");
    assertThat(chosen(proxies("HTTPS_PROXY=http://p:1", ProxySelector.of(null)), "https://x.org"))
        .isEqualTo("p:1");
  }

  @ParameterizedTest
  @CsvSource({"socks5://name:secret@p:1080", "https://p:443", "http://", "http://a b"})
  void aProxyOfAnotherKindIsRefused(String value) {
    assertThatThrownBy(
            () -> proxies("all_proxy=" + value, null).select(URI.create("https://x.org")))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("all_proxy: expected a proxy such as http://host:port")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPS_PROXY=http://na%3Ame:p%40ss+word@proxy:3128|https://x.org|na:me:p@ss+word",
        "HTTPS_PROXY=http://name@proxy:3128|https://x.org|name",
        "HTTPS_PROXY=http://name:word@proxy:3128|http://x.org|",
        "HTTPS_PROXY=http://name:word@proxy:3128;NO_PROXY=x.org|https://x.org|",
        "HTTPS_PROXY=http://proxy:3128|https://x.org|",
      })
  void theProxysPasswordIsForTheProxyAlone(String variables, String address, String login) {
    Proxies proxies = proxies(variables, null);
    assertThat(proxies.authorization(URI.create(address)).map(ProxiesTest::decoded).orElse(null))
        .isEqualTo(login);
    ProxySelector application = ProxySelector.of(InetSocketAddress.createUnresolved("other", 7));
    assertThat(proxies(variables, application).authorization(URI.create(address))).isEmpty();
  }

  private static String decoded(String header) {
    return new String(Base64.getDecoder().decode(header.substring(6)), StandardCharsets.UTF_8);
  }

  /** A proxy sees whole addresses, and gives what the server would. */
  @Test
  void aDownloadGoesThroughTheProxy(@TempDir Path home) {
    try (FakeHub hub = FakeHub.withModel(1000);
        RawServer proxy = new RawServer(ProxiesTest::forward)) {
      HubClient client = new HubClient(hub, home);
      client.with("http_proxy", "http://name:word@127.0.0.1:" + proxy.port()).download();
      assertThat(client.snapshot().resolve("config.json"))
          .hasBinaryContent(hub.content("config.json"));
      assertThat(proxy.requests())
          .hasSize(hub.hubRequests().size() + hub.storageRequests().size())
          .allSatisfy(r -> assertThat(r.target()).startsWith("http://"))
          .allSatisfy(
              r -> assertThat(decoded(r.header("Proxy-Authorization"))).isEqualTo("name:word"));
      client.with("no_proxy", "127.0.0.1,localhost");
      int before = proxy.requests().size();
      client.download("other-branch");
      assertThat(proxy.requests()).hasSize(before);
      assertThat(hub.hubRequests().get(hub.hubRequests().size() - 1).headers())
          .doesNotContainKey("Proxy-Authorization");
    }
  }

  private static void forward(RawServer.Request request, java.io.OutputStream out)
      throws IOException {
    URI target = URI.create(request.target());
    try (java.net.Socket socket = new java.net.Socket(target.getHost(), target.getPort())) {
      StringBuilder head = new StringBuilder("GET " + target.getRawPath());
      head.append(target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
      head.append(" HTTP/1.1\r\n");
      request.headers().forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
      socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().transferTo(out);
    }
  }

  /** A tunnel is asked for, and what to do when it wants a login is said. */
  @Test
  void aTunnelThatWantsALoginIsExplained(@TempDir Path home) {
    try (FakeHub hub = FakeHub.withModel(1000);
        RawServer proxy =
            new RawServer(
                (r, out) ->
                    RawServer.write(
                        out, 407, new byte[0], "Proxy-Authenticate: Basic realm=\"proxy\""))) {
      HubClient client =
          new HubClient(hub, home)
              .with("HF_ENDPOINT", "https://huggingface.invalid")
              .with("HF_TOKEN", FakeHub.TOKEN)
              .with("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port());
      assertThatThrownBy(() -> client.download())
          .isInstanceOf(DownloadException.class)
          .hasMessageContaining("the proxy wants a name and a password")
          .hasMessageContaining("-Djdk.http.auth.tunneling.disabledSchemes=");
      assertThat(proxy.requests()).isNotEmpty();
      assertThat(proxy.requests())
          .allSatisfy(
              r -> {
                assertThat(r.method()).isEqualTo("CONNECT");
                assertThat(r.target()).isEqualTo("huggingface.invalid:443");
                assertThat(r.header("Authorization")).isEmpty();
              });
    }
  }
}
