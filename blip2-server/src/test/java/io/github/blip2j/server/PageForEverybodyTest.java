package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.github.blip2j.Blip2;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page without a mouse, on a phone, in the dark, to a screen reader, and with a token. */
@Tag("browser")
class PageForEverybodyTest {
  private static final String TOKEN = "s3cret";
  private static final double LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3

  @TempDir static Path folder;
  private static Blip2 blip2;
  private static Blip2Server server;
  private static Blip2Server closed;
  private static WebDriver browser;
  private Page page;

  @BeforeAll
  static void start() throws Exception {
    blip2 = Demo.captioner();
    ServerOptions options = ServerOptions.defaults().withPort(0);
    server = Blip2Server.start(blip2, options);
    closed = Blip2Server.start(blip2, options.withAccess(ServerAccess.defaults().withToken(TOKEN)));
    browser = WebDriver.start(folder);
  }

  @AfterAll
  static void stop() {
    browser.close();
    closed.close();
    server.close();
    blip2.close();
  }

  @BeforeEach
  void open() {
    dark(false);
    page = Page.fresh(browser, server.uri(), folder);
  }

  private static void dark(boolean on) {
    ObjectNode media = Json.object();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", on ? "dark" : "light");
    browser.devTools("Emulation.setEmulatedMedia", media);
  }

  /** Draws, has it described, asks, ranks, shows the heat map and stops nothing: by keys alone. */
  @Test
  void everythingIsDoneWithTheKeyboardAlone() {
    browser.press(Page.TAB);
    assertThat(browser.script("return document.activeElement.className").asText())
        .as("the first stop leads to the question")
        .isEqualTo("skip");
    page.tabTo("draw");
    browser.press(Page.ENTER);
    assertThat(page.focus()).isEqualTo("drawing");
    browser.press("\uE012", Page.SPACE); // one step to the left, and a red circle
    assertThat(browser.text("#status")).contains("A red circle", "% from the left");
    page.tabTo("drawn");
    browser.press(Page.ENTER);
    page.awaitAnswers(1);
    assertThat(page.answers().get(0)).contains("red circle");
    page.tabTo("question");
    browser.press(letters("what color is the circle?"));
    browser.press(Page.ENTER);
    page.awaitAnswers(2);
    assertThat(page.answers().get(1)).isEqualTo("red");
    assertThat(page.focus()).as("ready for the next question").isEqualTo("question");
    browser.script("document.activeElement.blur(); document.querySelector('#choose').focus()");
    page.tabTo("heat-toggle");
    browser.press(Page.SPACE);
    browser.await("the heat map", "!document.querySelector('#heat').hidden");
    page.tabTo("tab-write");
    browser.press("\uE014"); // to the next tab
    assertThat(page.focus()).isEqualTo("tab-rank");
    page.tabTo("candidates");
    page.tabTo("normalized");
    browser.press(Page.TAB, Page.ENTER);
    browser.await("the bars", "document.querySelectorAll('#ranking li').length === 3");
    page.check();
  }

  private static String[] letters(String text) {
    return text.chars().mapToObj(c -> String.valueOf((char) c)).toArray(String[]::new);
  }

  @Test
  void onAPhoneNothingIsWiderThanTheScreen() {
    browser.size(360, 740);
    page.reload();
    page.choose(Demo.scene(0));
    page.awaitAnswers(1);
    browser.click(".settings summary");
    List<String> tabs = List.of("#tab-rank", "#tab-match", "#tab-write");
    for (String tab : tabs) {
      browser.click(tab);
      JsonNode wide =
          browser.script(
              "return [document.documentElement.scrollWidth, ...[...document.querySelectorAll("
                  + "'main *, .past *')].filter((e) => e.checkVisibility() && !e.closest('.unseen')"
                  + " && e.getBoundingClientRect().right > innerWidth + 1"
                  + " && !e.closest('.tabs')).map((e) => e.id || e.className || e.tagName)]");
      assertThat(wide).as(tab).hasSize(1);
      assertThat(wide.get(0).asInt()).as(tab).isLessThanOrEqualTo(360);
    }
    JsonNode small =
        browser.script(
            "return [...document.querySelectorAll('button')].filter((b) => b.checkVisibility()"
                + " && b.getBoundingClientRect().height < 35).map((b) => b.id || b.textContent)");
    assertThat(small).as("buttons that no finger hits").isEmpty();
    page.check();
  }

  /** Everything that can be used has a name, and what changes is announced. */
  @Test
  void aScreenReaderHasNamesForAllControls() {
    page.choose(Demo.scene(0));
    page.awaitAnswers(1);
    browser.click("#draw");
    browser.click(".settings summary");
    JsonNode tree = browser.devTools("Accessibility.getFullAXTree", Json.object()).get("nodes");
    Set<String> used =
        Set.of("button", "textbox", "radio", "checkbox", "combobox", "slider", "spinbutton", "tab");
    List<String> nameless = new ArrayList<>();
    int named = 0;
    for (JsonNode node : tree) {
      boolean control = used.contains(node.at("/role/value").asText());
      if (!node.path("ignored").asBoolean() && control) {
        if (node.at("/name/value").asText().isBlank()) {
          nameless.add(node.toString());
        } else {
          named++;
        }
      }
    }
    assertThat(nameless).isEmpty();
    assertThat(named).isGreaterThan(30);
    assertThat(browser.text("#status")).isEqualTo(Demo.caption(0));
    assertThat(
            browser
                .script("return document.querySelector('#log').parentElement.getAttribute('role')")
                .asText())
        .isEqualTo("log");
    JsonNode headings =
        browser.script(
            "return [...document.querySelectorAll('h1, h2')].map((h) => h.tagName).join(' ')");
    assertThat(headings.asText()).startsWith("H1 H2 H2");
  }

  /** In both schemes; and what was chosen by hand outlives the system's own. */
  @Test
  void textsStandOutInTheLightAndInTheDark() {
    page.choose(Demo.scene(0));
    page.awaitAnswers(1);
    String light = background();
    assertContrast();
    dark(true);
    assertThat(background()).isNotEqualTo(light);
    assertContrast();
    browser.click("#theme"); // light, although the system is dark
    assertThat(background()).isEqualTo(light);
    page.reload();
    assertThat(background()).isEqualTo(light);
  }

  private static String background() {
    return browser.script("return getComputedStyle(document.body).backgroundColor").asText();
  }

  private static void assertContrast() {
    JsonNode low =
        browser.script(
            "const rgb = (c) => c.match(/[\\d.]+/g).map(Number);"
                + "const light = (c) => rgb(c).slice(0, 3).map((v) => v / 255)"
                + ".map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)"
                + ".reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);"
                + "const ground = (e) => { for (; e; e = e.parentElement) {"
                + "const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0) return c; }"
                + "return 'rgb(255,255,255)'; };"
                + "return [...document.querySelectorAll('p, span, button, label, summary, h1, h2, time')]"
                + ".filter((e) => e.checkVisibility() && e.innerText?.trim() && !e.disabled"
                + " && !e.closest('.unseen, .skip, .swatch'))"
                + ".map((e) => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];"
                + "return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.innerText]; })"
                + ".filter(([ratio]) => ratio < arguments[0])",
            LEAST_CONTRAST);
    assertThat(low).isEmpty();
  }

  /** It asks for the token, keeps it while the tab is open, and writes it nowhere. */
  @Test
  void aTokenIsAskedForAndSent() {
    browser.open(closed.uri().resolve("/"));
    browser.await("the question", "!document.querySelector('#token-form').hidden");
    assertThat(page.focus()).isEqualTo("token");
    browser.type("#token", TOKEN + Page.ENTER);
    page.awaitReady();
    page.choose(Demo.scene(0));
    page.awaitAnswers(1);
    assertThat(page.answers()).containsExactly(Demo.caption(0));
    JsonNode kept = browser.script("return JSON.stringify(localStorage) + document.cookie");
    assertThat(kept.asText()).doesNotContain(TOKEN);
  }

  /** As where a browser is told to keep nothing of any site: the page says so, and works. */
  @Test
  void whatTheBrowserRefusesToKeepIsDoneWithout() {
    ObjectNode blocked =
        Json.object()
            .put(
                "source",
                "for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])"
                    + " Object.defineProperty(window, name,"
                    + " {get() { throw new DOMException('kept from sites', 'SecurityError'); }});");
    JsonNode added = browser.devTools("Page.addScriptToEvaluateOnNewDocument", blocked);
    try {
      browser.open(closed.uri().resolve("/"));
      browser.await("the question", "!document.querySelector('#token-form').hidden");
      browser.type("#token", TOKEN + Page.ENTER);
      page.awaitReady();
      assertThat(page.alert()).isEqualTo("The history cannot be kept: kept from sites");
      page.choose(Demo.scene(0));
      page.awaitAnswers(1);
      assertThat(page.answers()).containsExactly(Demo.caption(0));
      browser.click("#theme");
      assertThat(browser.text("#theme")).isEqualTo("Theme: light");
    } finally {
      browser.devTools("Page.removeScriptToEvaluateOnNewDocument", added.deepCopy());
    }
  }

  /** Words of a model or a file's name are never markup. */
  @Test
  void whatIsShownIsTextAlone() {
    page.choose("<img src=x onerror=alert(1)>.png".replace('/', ' '), Demo.scene(0));
    page.awaitAnswers(1);
    page.mode("chat");
    page.ask("<b>is there a circle?</b>", 2);
    assertThat(page.texts("#log .chat .asked")).containsExactly("<b>is there a circle?</b>");
    assertThat(
            browser.script("return document.querySelectorAll('#log b, #log img').length").asInt())
        .isZero();
    assertThat(browser.script("return document.querySelector('#image').alt").asText())
        .contains("<img src=x");
    page.check();
  }

  /** Neither to read an answer nor to have the model work: the server refuses before that. */
  @Test
  void aPageOfAnotherPlaceCannotUseTheServer() throws IOException {
    HttpServer elsewhere = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    elsewhere.createContext("/", exchange -> exchange.sendResponseHeaders(200, -1));
    elsewhere.start();
    try {
      Client client = new Client(server.uri());
      assertThat(client.ask("/metrics").body()).doesNotContain("status=\"403\"");
      browser.open(URI.create("http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/"));
      String fetched =
          browser
              .script(
                  "const tell = (call) => call.then((r) => 'read ' + r.status, () => 'refused');"
                      + "return (await tell(fetch(arguments[0] + '/api/model'))) + ', ' + (await"
                      + " tell(fetch(arguments[0] + '/api/caption', {method: 'POST', body: 'x'})));",
                  server.uri().toString())
              .asText();
      assertThat(fetched).isEqualTo("refused, refused");
      assertThat(client.ask("/metrics").body())
          .contains("method=\"GET\",route=\"none\",status=\"403\"")
          .contains("method=\"POST\",route=\"none\",status=\"403\"");
    } finally {
      elsewhere.stop(0);
    }
  }

  /** The policy that the server sends, and no other rule, stops what it forbids. */
  @Test
  void thePolicyHoldsAgainstInlineScripts() {
    browser.script(
        "const bad = document.createElement('script'); bad.textContent = 'window.ran = true';"
            + "document.body.append(bad); const style = document.createElement('div');"
            + "style.setAttribute('style', 'width: 3px'); style.id = 'inline';"
            + "document.body.append(style);");
    assertThat(browser.script("return Boolean(window.ran)").asBoolean()).isFalse();
    assertThat(browser.script("return document.querySelector('#inline').style.width").asText())
        .isEmpty();
    assertThat(browser.complaints()).contains("Content Security Policy");
  }
}
