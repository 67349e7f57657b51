package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Refusal;
import io.github.blip2j.server.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The page at {@code /} and its parts. They are read once, from this module alone, and ask nothing
 * of any other place: a strict Content-Security-Policy holds browsers to it.
 */
final class PageApi {
  /** Nothing but the page's own files, and images that it has made itself. */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final String FIRST = "index.html";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");
  private static final String[] PARTS = {
    "style.css",
    "icon.svg",
    "main.js",
    "api.js",
    "dom.js",
    "store.js",
    "source.js",
    "drawing.js",
    "heatmap.js",
    "settings.js",
    "writing.js",
    "scores.js",
    "history.js",
    "about.js",
    "remembered.js"
  };

  private final Map<String, Reply> parts = new TreeMap<>();

  PageApi() {
    parts.put(FIRST, read(FIRST));
    for (String name : PARTS) {
      parts.put(name, read(name));
    }
  }

  private static Reply read(String name) {
    String type = Objects.requireNonNull(TYPES.get(name.substring(name.indexOf('.') + 1)), name);
    try (InputStream in = PageApi.class.getResourceAsStream("page/" + name)) {
      return new Reply(200, type, Objects.requireNonNull(in, name).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page. */
  void page(Work work) {
    reply(work.call(), FIRST);
  }

  /** A part of it. */
  void part(Work work) {
    reply(work.call(), work.id());
  }

  private void reply(Call call, String name) {
    Reply part = parts.get(name);
    if (part == null) {
      throw new Refusal(404, "unknown_route", null, "the page has no part of this name");
    }
    call.add("Content-Security-Policy", POLICY);
    call.add("Referrer-Policy", "no-referrer");
    call.add("Cross-Origin-Opener-Policy", "same-origin");
    call.add("Cross-Origin-Resource-Policy", "same-origin");
    call.add("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
    call.reply(part);
  }
}
