package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GET requests to the Hub and to where it redirects. Redirects are followed here and not by the
 * platform's client, which on Java 17 takes the Authorization header along to any host: the token
 * is for requests to the Hub's own scheme, host and port. Safe for many threads.
 */
final class HubHttp {
  private static final Logger LOG = LoggerFactory.getLogger(HubHttp.class);
  private static final int REDIRECTS = 10;
  private static final Set<Integer> MOVED = Set.of(301, 302, 303, 307, 308);

  private final HubSettings settings;
  private final Proxies proxies;
  private final HttpClient client;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private volatile boolean reached;

  HubHttp(HubSettings settings, Proxies proxies) {
    this.settings = settings;
    this.proxies = proxies;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // a connection for each file
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.answer())
            .proxy(proxies)
            .build();
  }

  /** Whether any server has answered yet. */
  boolean reached() {
    return reached;
  }

  /**
   * Asks for something and follows redirects.
   *
   * @param from the first byte that is wanted; 0 for the whole
   * @return the last answer, whatever it is; the caller closes it
   * @throws IOException if there is none, or a redirect cannot be followed
   */
  HubAnswer get(URI address, long from) throws IOException {
    URI at = address;
    for (int i = 0; i <= REDIRECTS; i++) {
      HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = send(at, from);
      InputStream body = body(response);
      reached = true;
      String location = response.headers().firstValue("Location").orElse("");
      if (!MOVED.contains(response.statusCode()) || location.isEmpty()) {
        warn(response);
        return new HubAnswer(response.statusCode(), response.headers(), body, host(at), isHub(at));
      }
      body.close();
      at = target(at, location);
    }
    throw new IOException("more than " + REDIRECTS + " redirects");
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(URI at, long from)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at)
            .timeout(settings.stall())
            .header("User-Agent", "blip2j; java/" + Runtime.version().feature())
            .header("Accept-Encoding", "identity");
    HubSettings.Token token = settings.token();
    if (token != null && isHub(at)) {
      request.header("Authorization", "Bearer " + token.value());
    }
    proxies.authorization(at).ifPresent(login -> request.header("Proxy-Authorization", login));
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    try {
      return client.send(request.build(), BodyHandlers.ofPublisher());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** A proxy that refuses a tunnel answers without one. */
  private InputStream body(HttpResponse<Flow.Publisher<List<ByteBuffer>>> response) {
    Flow.Publisher<List<ByteBuffer>> source = response.body();
    if (source == null) {
      return InputStream.nullInputStream();
    }
    TimedBody body = new TimedBody(settings.stall());
    source.subscribe(body);
    return body;
  }

  private static URI target(URI at, String location) throws IOException {
    URI target;
    try {
      target = at.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException("a redirect to something that is no address", e);
    }
    String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if (target.getHost() == null
        || !secure && !scheme.equals("http")
        || !secure && "https".equalsIgnoreCase(at.getScheme())) {
      throw new IOException("a redirect from " + host(at) + " to " + scheme + "://" + host(target));
    }
    return target;
  }

  private boolean isHub(URI at) {
    URI hub = settings.endpoint();
    return hub.getScheme().equalsIgnoreCase(at.getScheme())
        && hub.getHost().equalsIgnoreCase(at.getHost())
        && port(hub) == port(at);
  }

  private static int port(URI at) {
    int usual = "https".equalsIgnoreCase(at.getScheme()) ? 443 : 80;
    return at.getPort() < 0 ? usual : at.getPort();
  }

  /** Without path and query: signed addresses are secrets. */
  private static String host(URI at) {
    return at.getHost() + (at.getPort() < 0 ? "" : ":" + at.getPort());
  }

  /** What the Hub wants users to know, each topic once. */
  private void warn(HttpResponse<?> response) {
    for (String warning : response.headers().allValues("X-HF-Warning")) {
      List<String> parts = List.of(warning.split(";", 2));
      String topic = parts.size() > 1 ? parts.get(0).strip() : "";
      String text = parts.get(parts.size() - 1).strip();
      if (!text.isEmpty() && warned.add(topic)) {
        LOG.warn("{}: {}", settings.endpoint().getHost(), text);
      }
    }
  }
}
