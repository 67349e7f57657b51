package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.server.Client.Answer;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page's files: what they are sent with, and that they ask nothing of other places. */
class PageApiTest {
  private static final Pattern IMPORT = Pattern.compile("from '\\./([a-z]+\\.js)'");
  private static final Pattern PART = Pattern.compile("/page/([a-z]+\\.[a-z]+)");

  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    blip2 = Demo.captioner();
    ServerAccess closed = ServerAccess.defaults().withToken("s3cret");
    server = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0).withAccess(closed));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
  }

  /** Every file that the page leads to, by its name. */
  private static Set<String> parts() {
    Set<String> all = new LinkedHashSet<>();
    Matcher parts = PART.matcher(client.ask("/").body());
    while (parts.find()) {
      all.add(parts.group(1));
    }
    Set<String> scripts = new LinkedHashSet<>(all);
    while (!scripts.isEmpty()) {
      String one = scripts.iterator().next();
      scripts.remove(one);
      Matcher imports = IMPORT.matcher(client.ask("/page/" + one).body());
      while (imports.find()) {
        if (all.add(imports.group(1))) {
          scripts.add(imports.group(1));
        }
      }
    }
    return all;
  }

  /** Without a token, as the page asks for it. */
  @Test
  void thePageIsAtTheRootUnderAStrictPolicy() {
    Answer page = client.ask("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
        .doesNotContain("unsafe", "http:", "https:", "*");
    assertThat(page.header("Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(client.ask("/api/model").status()).isEqualTo(401);
  }

  @Test
  void everyPartIsThereWithItsTypeAndPolicy() {
    Set<String> parts = parts();
    assertThat(parts).hasSize(15).contains("style.css", "icon.svg", "main.js", "drawing.js");
    for (String part : parts) {
      Answer answer = client.ask("/page/" + part);
      assertThat(answer.status()).as(part).isEqualTo(200);
      assertThat(answer.header("Content-Security-Policy")).isEqualTo(PageApi.POLICY);
      String type =
          part.endsWith(".js") ? "text/javascript" : part.endsWith(".css") ? "text/css" : "image/";
      assertThat(answer.header("Content-Type")).as(part).startsWith(type);
    }
  }

  /** A policy forbids it; and without one nothing would be asked for either. */
  @Test
  void nothingLeadsElsewhereAndNothingIsInline() {
    String page = client.ask("/").body();
    assertThat(page)
        .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=|<script(?! type=\"module\" src)");
    for (String part : parts()) {
      String text = client.ask("/page/" + part).body();
      assertThat(text.replace("http://www.w3.org/2000/svg", ""))
          .as(part)
          .doesNotContain("http://", "https://", "innerHTML", "eval(", "@import");
    }
  }

  @Test
  void anotherNameIsNoPartOfThePage() {
    for (String name : new String[] {"other.js", "index.htm", "..%2Fopenapi.json", "%2e%2e"}) {
      Answer answer = client.ask("/page/" + name);
      assertThat(answer.status()).as(name).isEqualTo(404);
      assertThat(answer.code()).isEqualTo("unknown_route");
    }
    assertThat(client.post("/", "{}").status()).isEqualTo(405);
  }
}
