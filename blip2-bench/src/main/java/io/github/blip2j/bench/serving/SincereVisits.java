package io.github.blip2j.bench.serving;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Requests about one image, with what the library says of it without a server. */
final class SincereVisits {
  private static final List<String> QUESTIONS =
      List.of("what color is the circle?", "how many shapes are there?", "what is yellow?");
  private static final List<String> CANDIDATES = List.of("red", "blue", "yellow", "green");

  private final byte[] image;
  private final String name;
  private final String url;
  private final String caption;
  private final List<String> answers = new ArrayList<>();
  private final String turn;
  private final List<Visit> all = new ArrayList<>();

  /** Asks the model itself, alone. */
  SincereVisits(Blip2 blip2, String name, byte[] image) {
    this.image = image;
    this.name = name;
    url = "data:image/png;base64," + Base64.getEncoder().encodeToString(image);
    ImageSource source = ImageSource.of(image);
    caption = blip2.caption(source).text();
    QUESTIONS.forEach(q -> answers.add(blip2.ask(source, q).text()));
    try (ChatSession chat = blip2.chat(source)) {
      chat.history(List.of(new ChatTurn(QUESTIONS.get(0), answers.get(0))));
      turn = chat.ask(QUESTIONS.get(1)).text();
    }
  }

  /** Every kind of request. */
  List<Visit> all() {
    String field = "{\"image\":\"" + url + "\"";
    byte[] raw = Wire.request("POST", "/api/caption", "Content-Type: image/png\r\n", image);
    add("caption of a file", raw, caption, a -> a.at("/text"));
    add("caption", Wire.json("/api/caption", field + "}"), caption, a -> a.at("/text"));
    add(
        "streamed caption",
        Wire.json("/api/caption", field + ",\"stream\":true}"),
        caption + caption,
        a -> pieces(a) + a.events("/texts/0/text"));
    for (int i = 0; i < QUESTIONS.size(); i++) {
      String question = ",\"question\":\"" + QUESTIONS.get(i) + "\"}";
      add(
          "question " + i,
          Wire.json("/api/ask", field + question),
          answers.get(i),
          a -> a.at("/text"));
    }
    String history =
        ",\"history\":[{\"question\":\"%s\",\"answer\":\"%s\"}],\"question\":\"%s\",\"stream\":true}";
    add(
        "streamed turn",
        Wire.json(
            "/api/chat", field + fill(history, QUESTIONS.get(0), answers.get(0), QUESTIONS.get(1))),
        turn + turn,
        a -> pieces(a) + a.events("/texts/0/text"));
    compatible();
    ranks(field);
    all.add(new Visit("kept image " + name, Visit.Kind.SINCERE, this::keep));
    return all;
  }

  private static String pieces(Answer answer) {
    String whole = answer.events("/text");
    String last = answer.events("/texts/0/text"); // the last event has it too
    return whole.endsWith(last) ? whole.substring(0, whole.length() - last.length()) : whole;
  }

  private static String fill(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** As OpenAI's clients ask. */
  private void compatible() {
    String user =
        "{\"role\":\"user\",\"content\":[%s{\"type\":\"image_url\",\"image_url\":{\"url\":\"%s\"}}]}";
    String asked = fill(user, "", url);
    String text = "{\"type\":\"text\",\"text\":\"" + QUESTIONS.get(0) + "\"},";
    String turns =
        fill(user, text, url)
            + fill(
                ",{\"role\":\"assistant\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"%s\"}",
                answers.get(0), QUESTIONS.get(1));
    String body = "{\"model\":\"blip2\",\"messages\":[%s]%s}";
    String path = "/v1/chat/completions";
    add(
        "completion",
        Wire.json(path, fill(body, asked, "")),
        caption,
        a -> a.at("/choices/0/message/content"));
    add(
        "completed turns",
        Wire.json(path, fill(body, turns, "")),
        turn,
        a -> a.at("/choices/0/message/content"));
    add(
        "streamed turns",
        Wire.json(path, fill(body, turns, ",\"stream\":true")),
        turn,
        a -> a.events("/choices/0/delta/content") + (a.body().contains("[DONE]") ? "" : " cut"));
  }

  private void ranks(String field) {
    String candidates = "\"" + String.join("\",\"", CANDIDATES) + "\"";
    byte[] request =
        Wire.json(
            "/api/rank",
            field
                + ",\"prompt\":\"Question: what color is it? Answer:\",\"candidates\":["
                + candidates
                + "]}");
    Visit plain =
        visit("ranking", request, "", a -> a.at("/candidates/3/text").isEmpty() ? "?" : "");
    all.add(plain);
  }

  private void add(String what, byte[] request, String right, Function<Answer, String> found) {
    all.add(visit(what, request, right, found));
  }

  private Visit visit(String what, byte[] request, String right, Function<Answer, String> found) {
    return new Visit(
        what + " of " + name,
        Visit.Kind.SINCERE,
        server -> {
          Answer answer = ask(server, request);
          return compare(answer, right, found);
        });
  }

  private static String compare(Answer answer, String right, Function<Answer, String> found) {
    if (answer.status() != 200 || !answer.whole()) {
      return Refusals.of(answer);
    }
    String text = found.apply(answer);
    return text.equals(right) ? "" : "expected " + right + ", found " + text;
  }

  private static Answer ask(InetSocketAddress server, byte[] request) throws IOException {
    try (Wire wire = new Wire(server)) {
      return wire.send(request).answer();
    }
  }

  /** Encodes once, asks by the id, and lets it go. */
  private String keep(InetSocketAddress server) throws IOException {
    byte[] upload = Wire.request("POST", "/api/images", "Content-Type: image/png\r\n", image);
    Answer kept = ask(server, upload);
    if (kept.status() != 201) {
      return Refusals.of(kept);
    }
    String id = kept.at("/image_id");
    String json = "{\"image_id\":\"" + id + "\",\"question\":\"" + QUESTIONS.get(1) + "\"}";
    Answer answer = ask(server, Wire.json("/api/ask", json));
    Answer removed = ask(server, Wire.request("DELETE", "/api/images/" + id, "", new byte[0]));
    String wrong = compare(answer, answers.get(1), a -> a.at("/text"));
    return wrong.isEmpty() && removed.status() >= 300 ? Refusals.of(removed) : wrong;
  }
}
