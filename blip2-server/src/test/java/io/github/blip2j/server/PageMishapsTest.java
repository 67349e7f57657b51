package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page where things are deleted, asked twice, come late, or go wrong. */
@Tag("browser")
class PageMishapsTest {
  private static final String BUSY =
      "document.querySelector('#log').getAttribute('aria-busy') === 'true'";
  private static final String IDLE = "!(" + BUSY + ")";

  @TempDir static Path folder;
  private static Blip2 captioner;
  private static Blip2 matcher;
  private static Blip2Server writing;
  private static Blip2Server matching;
  private static WebDriver browser;

  @BeforeAll
  static void start() throws Exception {
    captioner = Demo.captioner();
    matcher = Demo.matcher();
    ServerOptions options = ServerOptions.defaults().withPort(0);
    writing = Blip2Server.start(captioner, options);
    matching = Blip2Server.start(matcher, options);
    browser = WebDriver.start(folder);
  }

  @AfterAll
  static void stop() {
    browser.close();
    matching.close();
    writing.close();
    matcher.close();
    captioner.close();
  }

  /** The page of a server that writes, with an image that is described. */
  private static Page described() {
    Page page = Page.fresh(browser, writing.uri(), folder);
    page.choose(Demo.scene(0));
    page.awaitAnswers(1);
    assertThat(page.answers()).containsExactly(Demo.caption(0));
    return page;
  }

  /** The page of a server that only matches, with an image in its history. */
  private static Page matched() {
    Page page = Page.fresh(browser, matching.uri(), folder);
    page.choose(Demo.scene(0));
    awaitKept(1);
    return page;
  }

  private static void awaitKept(int sessions) {
    browser.await(
        sessions + " in the history",
        "document.querySelectorAll('#history li').length === arguments[0]",
        sessions);
  }

  /** Keeps requests to a path waiting until {@code release()}, or until the page gives them up. */
  private static void hold(String path) {
    browser.script(
        "const [path] = arguments; const send = window.fetch;"
            + "const released = new Promise((go) => { window.release = go; });"
            + "const aborted = (signal) => new Promise((_, stop) =>"
            + " signal?.addEventListener('abort', () => stop(signal.reason)));"
            + "window.fetch = async (url, options) => {"
            + "if (url.endsWith(path)) await Promise.race([released, aborted(options.signal)]);"
            + "return send(url, options); };",
        path);
  }

  @Test
  void whatIsDeletedWhileAnAnswerIsWrittenStaysDeleted() {
    Page page = described();
    hold("/api/chat");
    browser.type("#question", "is there a circle?" + Page.ENTER);
    browser.await("an answer under way", BUSY);
    browser.click("#history .quiet");
    browser.await("it is given up", IDLE);
    page.reload();
    assertThat(page.texts("#history li")).isEmpty();
    page.check();
  }

  /** The image that is being described is not in the history yet, and never comes into it. */
  @Test
  void whatIsClearedWhileAnImageIsDescribedStaysCleared() {
    Page page = described();
    hold("/api/caption");
    page.choose("other.png", Demo.scene(1));
    browser.await("a description under way", BUSY);
    browser.click("#clear");
    browser.click("#confirm button[value=yes]");
    browser.await("it is given up", IDLE);
    page.reload();
    assertThat(page.texts("#history li")).isEmpty();
    page.check();
  }

  @Test
  void aSecondEnterWaitsUntilTheAnswerIsThere() {
    Page page = described();
    hold("/api/chat");
    browser.type("#question", "is there a circle?" + Page.ENTER);
    browser.await("an answer under way", BUSY);
    browser.type("#question", "and a square?" + Page.ENTER);
    browser.script("document.querySelector('#ask-form').requestSubmit()");
    assertThat(page.texts("#log > li")).hasSize(2);
    browser.click("#stop");
    browser.await("it is stopped", IDLE);
    assertThat(browser.script("return document.querySelector('#question').value").asText())
        .isEqualTo("and a square?");
    browser.script("window.release()");
    browser.type("#question", Page.ENTER);
    page.awaitAnswers(3);
    assertThat(page.texts("#log .chat .asked"))
        .containsExactly("is there a circle?", "and a square?");
    page.check();
  }

  @Test
  void whatIsNoImageDoesNotComeIntoTheHistoryOfAServerThatMatches() {
    Page page = matched();
    page.choose("notes.png", "no image".getBytes(StandardCharsets.UTF_8));
    assertThat(page.alert()).isNotEmpty();
    assertThat(page.texts("#history li")).hasSize(1);
    assertThat(browser.script("return document.querySelector('#image').alt").asText())
        .as("the image before")
        .contains("scene.png");
  }

  /** It is no fault of the image, and a later question may be answered. */
  @Test
  void anImageThatCouldNotBeSentIsKeptAllTheSame() {
    Page page = matched();
    browser.script(
        "const send = window.fetch; let failing = true;"
            + "window.fetch = (url, options) => {"
            + "if (!failing || !url.endsWith('/api/images')) return send(url, options);"
            + "failing = false; return Promise.reject(new TypeError('no connection')); };");
    page.choose("other.png", Demo.scene(1));
    assertThat(page.alert()).contains("connection broke");
    awaitKept(2);
    browser.click("#match-form .main");
    browser.await("matches", "document.querySelectorAll('#matches li').length > 0");
  }

  /** An image is sent to its end, whoever waits for it. */
  @Test
  void anotherSessionIsAskedWhileAnImageIsStillSent() {
    Page page = described();
    awaitKept(1);
    hold("/api/images");
    page.choose("other.png", Demo.scene(1));
    browser.await("a description under way", BUSY);
    browser.click("#history .thumb");
    browser.await("nothing is under way", IDLE);
    browser.type("#question", "is there a circle?" + Page.ENTER);
    browser.await("an answer under way", BUSY);
    browser.script("window.release()");
    page.awaitAnswers(2);
    assertThat(page.texts("#log .chat .asked")).containsExactly("is there a circle?");
    page.check();
  }

  /** As earlier versions of the page have kept it. */
  @Test
  void theHistoryIsSearchedAlsoWithWhatIsNoImageInIt() {
    Page page = matched();
    browser.script(
        "const { keep } = await import('/page/store.js');"
            + "await keep({id: 'notes', created: 0, name: 'notes', blob: new Blob(['no image']),"
            + " thumb: '', log: []});");
    browser.click("#search-form button");
    browser.await("found images", "document.querySelectorAll('#found li').length > 0");
    assertThat(page.texts("#found li")).hasSize(1);
    assertThat(browser.text("#alert")).isEmpty();
  }

  @Test
  void aHistoryThatTheBrowserHasNoRoomForIsTold() {
    Page page = Page.fresh(browser, writing.uri(), folder);
    String origin = browser.script("return location.origin").asText();
    ObjectNode usual = Json.object().put("origin", origin);
    browser.devTools("Storage.overrideQuotaForOrigin", usual.deepCopy().put("quotaSize", 1));
    try {
      page.choose(Demo.scene(0));
      assertThat(page.alert()).contains("history cannot be kept", "Quota");
      page.awaitAnswers(1);
      assertThat(page.answers()).containsExactly(Demo.caption(0));
    } finally {
      browser.devTools("Storage.overrideQuotaForOrigin", usual);
    }
  }

  @Test
  void aRankingThatComesLateIsNotShownWithTheNextImage() {
    Page page = described();
    browser.click("#tab-rank");
    hold("/api/rank");
    browser.click("#rank-form .main");
    page.choose("other.png", Demo.scene(1));
    awaitKept(2);
    browser.script("window.release()");
    browser.await("the answer", "!document.querySelector('#rank-form .main').disabled");
    assertThat(page.texts("#ranking li")).isEmpty();
    page.check();
  }

  @Test
  void aMatchThatComesLateIsNotShownWithTheNextImage() {
    Page page = matched();
    hold("/api/match");
    browser.click("#match-form .main");
    page.choose("other.png", Demo.scene(1));
    awaitKept(2);
    browser.script("window.release()");
    browser.await("the answer", "!document.querySelector('#match-form .main').disabled");
    assertThat(page.texts("#matches li")).isEmpty();
    page.check();
  }

  /** It is not forgotten either. */
  @Test
  void aHiddenSettingOutOfRangeStopsNobody() {
    Page page = described();
    browser.script(
        "const form = document.querySelector('#settings'); const set = (name, value) => {"
            + "form.elements[name].value = value; form.dispatchEvent(new Event('input')); };"
            + "set('search', 'sampling'); set('temperature', '9'); set('search', 'greedy');");
    page.ask(Demo.question(0, 1), 2);
    assertThat(page.answers().get(1)).isEqualTo(Demo.answer(0, 1));
    page.reload();
    assertThat(browser.script("return document.querySelector('[name=temperature]').value").asText())
        .isEqualTo("9");
    page.check();
  }

  @Test
  void arrowKeysReachNoTabThatIsHidden() {
    Page page = matched();
    browser.script("document.querySelector('#tab-match').focus()");
    browser.press("\uE014"); // to the right
    assertThat(page.focus()).isEqualTo("tab-match");
    assertThat(browser.script("return document.querySelector('#panel-write').hidden").asBoolean())
        .isTrue();
    page.check();
  }

  /** By a camera whose first frame never comes. */
  @Test
  void aPhotographIsTakenOnlyOnceThereIsOne() {
    Page page = Page.fresh(browser, writing.uri(), folder);
    browser.script("navigator.mediaDevices.getUserMedia = async () => new MediaStream();");
    browser.click("#photograph");
    browser.await("the camera", "document.querySelector('#camera').open");
    browser.click("#shoot");
    assertThat(browser.script("return document.querySelector('#camera').open").asBoolean())
        .as("it is still waiting")
        .isTrue();
    page.check();
  }
}
