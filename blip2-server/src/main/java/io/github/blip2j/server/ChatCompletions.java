package io.github.blip2j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.server.TextRequest.Written;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /v1/chat/completions}, as OpenAI's clients speak it. */
record ChatCompletions(
    TextAnswers answers, LogProbabilities logProbabilities, ServerOptions options) {
  /** Answers a conversation's last message. */
  void complete(Work work) {
    Fields request = Bodies.json(work.call());
    Models.require(request, options.modelName());
    Duration longest = options.timeouts().text();
    GenerationOptions generation = CompletionOptions.read(request, options.limits(), longest);
    boolean stream = request.flag("stream");
    boolean scores = request.flag("logprobs");
    if (stream) {
      requireStreamable(generation, scores);
    }
    ChatMessages messages = ChatMessages.of(request, ServerImage.most(answers.writing().blip2()));
    TextRequest wanted = new TextRequest(messages.image(), messages.start(), generation);
    boolean usage =
        request.object("stream_options").map(o -> o.flag("include_usage")).orElse(false);
    Completion form = new Completion(scores, usage);
    if (stream) {
      answers.stream(work, wanted, form);
    } else {
      answers.whole(work, wanted, form);
    }
  }

  private static void requireStreamable(GenerationOptions generation, boolean scores) {
    if (generation.numReturnSequences() > 1) {
      throw Refusal.unsupported(
          "n", "n (" + generation.numReturnSequences() + ") must be 1 with stream");
    }
    if (scores) {
      throw Refusal.unsupported("logprobs", "logprobs (true) must not be given with stream");
    }
  }

  private static String reason(FinishReason reason) {
    return switch (reason) {
      case EOS, STOP -> "stop";
      case LENGTH, DEADLINE, CANCELLED -> "length";
    };
  }

  /** One answer in OpenAI's form. */
  private final class Completion implements TextAnswers.Form {
    private final String id = "chatcmpl-" + UUID.randomUUID();
    private final long created = Instant.now().getEpochSecond();
    private final boolean scores;
    private final boolean usage;
    private boolean begun;

    Completion(boolean scores, boolean usage) {
      this.scores = scores;
      this.usage = usage;
    }

    private ObjectNode head(String object) {
      return Json.object()
          .put("id", id)
          .put("object", object)
          .put("created", created)
          .put("model", options.modelName());
    }

    @Override
    public String whole(Written written) {
      ObjectNode whole = head("chat.completion");
      int index = 0;
      for (GeneratedText text : written.texts()) {
        ObjectNode choice = whole.withArray("choices").addObject().put("index", index++);
        choice
            .putObject("message")
            .put("role", "assistant")
            .put("content", text.text())
            .putNull("refusal");
        choice.set("logprobs", scores ? logProbabilities.of(text) : null);
        choice.put("finish_reason", reason(text.finishReason()));
      }
      usage(whole, written);
      return whole.toString();
    }

    private static void usage(ObjectNode node, Written written) {
      int prompt = written.promptTokens();
      int completion = written.newTokens();
      node.putObject("usage")
          .put("prompt_tokens", prompt)
          .put("completion_tokens", completion)
          .put("total_tokens", prompt + completion);
    }

    /** A chunk with one choice; its delta is to be filled. */
    private ObjectNode chunk(@Nullable String reason) {
      ObjectNode chunk = head("chat.completion.chunk");
      ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
      choice.putObject("delta");
      choice.putNull("logprobs").put("finish_reason", reason);
      if (usage) {
        chunk.putNull("usage");
      }
      return chunk;
    }

    private static ObjectNode delta(ObjectNode chunk) {
      return (ObjectNode) chunk.at("/choices/0/delta");
    }

    private void begin(EventStream events) {
      if (!begun) {
        begun = true;
        ObjectNode first = chunk(null);
        delta(first).put("role", "assistant").put("content", "");
        events.send(null, first.toString());
      }
    }

    @Override
    public void piece(EventStream events, TextPiece piece) {
      begin(events);
      ObjectNode chunk = chunk(null);
      delta(chunk).put("content", piece.text());
      events.send(null, chunk.toString());
    }

    @Override
    public void end(EventStream events, Written written) {
      begin(events);
      events.send(null, chunk(reason(written.texts().get(0).finishReason())).toString());
      if (usage) {
        ObjectNode last = head("chat.completion.chunk");
        last.putArray("choices");
        usage(last, written);
        events.send(null, last.toString());
      }
      events.send(null, "[DONE]");
    }
  }
}
