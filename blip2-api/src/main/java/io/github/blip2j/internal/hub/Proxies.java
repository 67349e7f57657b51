package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Through which proxy an address is reached: what the virtual machine's properties and the
 * application say, else the environment's {@code https_proxy}, {@code http_proxy}, {@code
 * all_proxy} and {@code no_proxy}, in small letters or capitals. The virtual machine itself reads
 * none of these variables.
 */
final class Proxies extends ProxySelector {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** A name, or an address in one of its three forms, and a port. */
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?:\\*?\\.)?(\\[[^]]+]|[^:\\[\\]]+|[0-9a-f]*(?::[0-9a-f.]*){2,})(?::(\\d+))?");

  private final Map<String, String> environment;
  private final @Nullable ProxySelector application;

  /**
   * @param environment variables by name
   * @param application asked first; null if there is none
   */
  Proxies(Map<String, String> environment, @Nullable ProxySelector application) {
    this.environment = environment;
    this.application = application;
  }

  @Override
  public List<Proxy> select(URI uri) {
    if (application != null && isApplications(uri)) {
      return application.select(uri);
    }
    URI proxy = isExempt(uri) ? null : named(String.valueOf(uri.getScheme()));
    if (proxy == null) {
      return List.of(Proxy.NO_PROXY);
    }
    SocketAddress address = InetSocketAddress.createUnresolved(host(proxy), port(proxy));
    return List.of(new Proxy(Proxy.Type.HTTP, address));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {
    if (application != null) {
      application.connectFailed(uri, address, e);
    }
  }

  /**
   * What the proxy of an address is told of who asks: the name and password that stand in its
   * variable. It is sent along rather than on demand, because the platform's client, once it may
   * answer demands, takes those of servers for its own as well. It takes the header away from every
   * request that is not for a proxy.
   *
   * @return the value of {@code Proxy-Authorization}, if there is one
   */
  Optional<String> authorization(URI uri) {
    URI proxy = isExempt(uri) ? null : named(String.valueOf(uri.getScheme()));
    if (proxy == null || proxy.getRawUserInfo() == null || isApplications(uri)) {
      return Optional.empty();
    }
    byte[] login = decoded(proxy.getRawUserInfo()).getBytes(StandardCharsets.UTF_8);
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(login));
  }

  private boolean isApplications(URI uri) {
    return application != null
        && application.select(uri).stream().anyMatch(p -> p.type() != Proxy.Type.DIRECT);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The proxy that the environment names for a scheme. */
  private @Nullable URI named(String scheme) {
    for (String name : List.of(scheme + "_proxy", "all_proxy")) {
      String value = variable(name);
      if (value != null) {
        return parse(name, value);
      }
    }
    return null;
  }

  private static URI parse(String name, String value) {
    String text = value.contains("://") ? value : "http://" + value;
    try {
      URI uri = URI.create(text);
      if ("http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // as any other text that is no address
    }
    throw new DownloadException(
        name
            + ": expected a proxy such as http://host:port, found "
            + text.replaceAll("//.*@", "//…@")
            + "; for another kind set the JVM's properties, such as -DsocksProxyHost");
  }

  private static String host(URI uri) {
    return uri.getHost().replaceAll("[\\[\\]]", "");
  }

  private static int port(URI uri) {
    return uri.getPort() < 0 ? HTTP_PORT : uri.getPort();
  }

  /** Names match themselves and what ends with a dot and them; an entry may have a port. */
  private boolean isExempt(URI uri) {
    String list = variable("no_proxy");
    if (list == null || uri.getHost() == null) {
      return false;
    }
    String host = host(uri).toLowerCase(Locale.ROOT);
    int port = uri.getPort();
    if (port < 0) {
      port = "http".equals(uri.getScheme()) ? HTTP_PORT : HTTPS_PORT;
    }
    for (String entry : list.toLowerCase(Locale.ROOT).split("[,\\s]+")) {
      Matcher parts = ENTRY.matcher(entry);
      if (entry.equals("*")
          || parts.matches()
              && (parts.group(2) == null || parts.group(2).equals(String.valueOf(port)))
              && ("." + host).endsWith("." + parts.group(1).replaceAll("[\\[\\]]", ""))) {
        return true;
      }
    }
    return false;
  }

  private @Nullable String variable(String name) {
    for (String each : List.of(name, name.toUpperCase(Locale.ROOT))) {
      String value = environment.get(each);
      if (value != null && !value.isBlank()) {
        return value.strip();
      }
    }
    return null;
  }
}
