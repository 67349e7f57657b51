package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.server.TextRequest.Written;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** {@code /api/caption}, {@code /api/ask} and {@code /api/chat}. */
record TextApi(Bodies bodies, TextAnswers answers, ServerLimits limits, Duration longest) {
  private static final Set<String> CAPTION =
      Set.of("image", "image_id", "images", "prompt", "options", "stream");
  private static final Set<String> ASK =
      Set.of("image", "image_id", "images", "question", "template", "options", "stream");
  private static final Set<String> CHAT =
      Set.of("image", "image_id", "images", "history", "question", "template", "options", "stream");

  /** Describes an image; one that is the body itself with the defaults. */
  void caption(Work work) {
    if (Bodies.isImage(work.call())) {
      ServerImage image = ServerImage.of(work.call().body());
      GenerationOptions options = GenerationOptions.builder().maxTime(longest).build();
      answers.whole(
          work, new TextRequest(image, new TextRequest.Prompt(null), options), Native.FORM);
      return;
    }
    Fields fields = Bodies.json(work.call(), CAPTION);
    answer(work, fields, new TextRequest.Prompt(fields.text("prompt").orElse(null)));
  }

  /** Answers a question. */
  void ask(Work work) {
    Fields fields = Bodies.json(work.call(), ASK);
    String template = fields.text("template").orElseGet(answers.writing()::template);
    int hole = template.indexOf("{}");
    if (hole < 0 || template.indexOf("{}", hole + 2) >= 0) {
      throw Refusal.field("template", "template must have exactly one {}, where the question goes");
    }
    String question = question(fields);
    answer(work, fields, new TextRequest.Prompt(template.replace("{}", question)));
  }

  /** Answers the next question of a conversation, which comes whole with each request. */
  void chat(Work work) {
    Fields fields = Bodies.json(work.call(), CHAT);
    ChatTemplate template;
    try {
      template = ChatTemplate.named(fields.text("template").orElse("blog"));
    } catch (IllegalArgumentException e) {
      throw Refusal.field("template", String.valueOf(e.getMessage()));
    }
    List<ChatTurn> history = fields.objects("history").stream().map(TextApi::turn).toList();
    answer(work, fields, new TextRequest.Turns(template, history, question(fields)));
  }

  private static ChatTurn turn(Fields turn) {
    turn.only(Set.of("question", "answer"));
    return new ChatTurn(question(turn), turn.requiredText("answer"));
  }

  private static String question(Fields fields) {
    String question = fields.requiredText("question");
    if (question.isBlank()) {
      throw Refusal.field(fields.path() + "question", "question must not be blank");
    }
    return question;
  }

  private void answer(Work work, Fields fields, TextRequest.Start start) {
    GenerationOptions options = GenerationFields.read(fields, limits, longest);
    boolean stream = fields.flag("stream");
    if (stream && (options.numBeams() > 1 || options.numReturnSequences() > 1)) {
      throw Refusal.field(
          "stream",
          "stream (true) must not be given with num_beams ("
              + options.numBeams()
              + ") or num_return_sequences ("
              + options.numReturnSequences()
              + ") above 1");
    }
    TextRequest request = new TextRequest(bodies.inOnePrompt(fields), start, options);
    if (stream) {
      answers.stream(work, request, Native.FORM);
    } else {
      answers.whole(work, request, Native.FORM);
    }
  }

  /** This API's own form. */
  private static final class Native implements TextAnswers.Form {
    static final Native FORM = new Native();

    @Override
    public String whole(Written written) {
      ObjectNode whole = Json.object();
      whole.put("text", written.texts().get(0).text());
      written.texts().forEach(t -> add(whole.withArray("texts").addObject(), t));
      StageTimings timings = written.texts().get(0).timings();
      whole
          .putObject("timings")
          .put("image_ms", written.imageMillis())
          .put("prefill_ms", timings.prefill().toMillis())
          .put("decode_ms", timings.decode().toMillis());
      whole
          .putObject("usage")
          .put("prompt_tokens", written.promptTokens())
          .put("new_tokens", written.newTokens());
      return whole.toString();
    }

    private static void add(ObjectNode node, GeneratedText text) {
      node.put("text", text.text()).put("finish_reason", text.finishReason().label());
      node.put("score", text.score());
      text.tokenIds().forEach(node.withArray("token_ids")::add);
    }

    @Override
    public void piece(EventStream events, TextPiece piece) {
      ObjectNode node = Json.object().put("text", piece.text());
      piece.tokenIds().forEach(node.withArray("token_ids")::add);
      events.send("piece", node.toString());
    }

    @Override
    public void end(EventStream events, Written written) {
      events.send("done", whole(written));
    }
  }
}
