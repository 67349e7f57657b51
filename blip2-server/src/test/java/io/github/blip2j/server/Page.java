package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The page in a browser, as somebody uses it. */
record Page(WebDriver browser, URI server, Path folder) {
  static final String TAB = "\uE004";
  static final String ENTER = "\uE007";
  static final String SPACE = " ";

  private static final String TRANSFER =
      "const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));"
          + "const transfer = new DataTransfer();"
          + "transfer.items.add(new File([bytes], arguments[1], {type: arguments[2]}));";

  /** Opens it anew, with an empty history. */
  static Page fresh(WebDriver browser, URI server, Path folder) {
    Page page = new Page(browser, server, folder);
    browser.size(1360, 940);
    page.open();
    browser.script(
        "localStorage.clear(); sessionStorage.clear();"
            + "const store = await import('/page/store.js'); await store.forgetAll();");
    page.open();
    browser.complaints(); // those of tests before
    return page;
  }

  private void open() {
    browser.open(server.resolve("/"));
    awaitReady();
  }

  void reload() {
    browser.reload();
    awaitReady();
  }

  void awaitReady() {
    browser.await("the page begins", "document.documentElement.dataset.ready");
  }

  /** Chooses an image by the file dialogue's input. */
  void choose(byte[] image) {
    choose("scene.png", image);
  }

  void choose(String name, byte[] file) {
    Path path = folder.resolve(name);
    try {
      Files.write(path, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    browser.type("#file", path.toAbsolutePath().toString());
  }

  void drop(byte[] image) {
    browser.script(
        TRANSFER
            + "for (const type of ['dragenter', 'dragover', 'drop']) document.querySelector('#stage')"
            + ".dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true,"
            + " cancelable: true}));",
        Base64.getEncoder().encodeToString(image),
        "dropped.png",
        "image/png");
  }

  void paste(byte[] image) {
    browser.script(
        TRANSFER
            + "document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer,"
            + " bubbles: true, cancelable: true}));",
        Base64.getEncoder().encodeToString(image),
        "",
        "image/png");
  }

  /** Waits until so many answers are there and none is being written. */
  void awaitAnswers(int count) {
    browser.await(
        count + " answers",
        "document.querySelectorAll('#log > li').length === arguments[0]"
            + " && document.querySelector('#log').getAttribute('aria-busy') !== 'true'",
        count);
  }

  /** The texts of all answers, oldest first. */
  List<String> answers() {
    return texts("#log .answer .text");
  }

  /** What elements show. */
  List<String> texts(String selector) {
    JsonNode all =
        browser.script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText.trim())",
            selector);
    List<String> texts = new ArrayList<>();
    all.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  void mode(String name) {
    browser.click("#ask-form input[value=" + name + "]");
  }

  /** Asks, and waits for so many answers in all. */
  void ask(String question, int answers) {
    browser.type("#question", question + ENTER);
    awaitAnswers(answers);
  }

  /** What the page says is wrong; waits until it says something. */
  String alert() {
    browser.await("an error", "!document.querySelector('#alert').hidden");
    return browser.text("#alert");
  }

  /** The id of the element that has the focus. */
  String focus() {
    return browser.script("return document.activeElement.id").asText();
  }

  /** Presses Tab until an element has the focus, as somebody without a mouse does. */
  void tabTo(String id) {
    for (int presses = 0; presses < 60; presses++) {
      if (focus().equals(id)) {
        return;
      }
      browser.press(TAB);
    }
    throw new AssertionError("expected " + id + " within 60 presses of Tab, found none");
  }

  /** Nothing went wrong unseen, and nothing was asked of another place. */
  void check() {
    assertThat(browser.complaints()).isEmpty();
    JsonNode asked =
        browser.script(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
                + ".filter((u) => !u.startsWith(location.origin) && !u.startsWith('blob:')"
                + " && !u.startsWith('data:'))");
    assertThat(asked).isEmpty();
  }
}
