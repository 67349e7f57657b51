package io.github.blip2j.langchain4j;

import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A real model of tiny size, which a score processor makes say what LangChain4j's test kit wants to
 * hear: from the open question it chooses an answer, and from what has been written of it the next
 * token. All else (messages, prompts, tokens, streams, stops) is the library's own doing.
 */
final class Script implements ScoreProcessor, AutoCloseable {
  static final String STORY =
      " Once upon a time there was a dog who had a cat who had a bird who sang all day long.";

  private static final String OPEN = "Answer:";
  private static final Map<String, String> ANSWERS =
      Map.of(
          "How much is 2 + 2?", " It is Berlin, and 2 + 2 is 4.",
          "capital of Germany?", " It is Berlin.",
          "I love you", " Ich liebe dich.",
          "What is my favorite color?", " It is green.",
          "Hello World", " Hello World and all.",
          "What do you see?", " a cat",
          "story", STORY,
          "hello", " Hi.");

  final Blip2 blip2;
  final GenerationOptions options;

  Script() {
    blip2 = Blip2.builder().model(Fixtures.directory("tiny-opt")).backend("onnx").load();
    options = GenerationOptions.builder().maxNewTokens(60).scoreProcessors(List.of(this)).build();
  }

  @Override
  public void process(List<Integer> tokens, float[] scores) {
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    scores[next(tokens)] = 0;
  }

  private int next(List<Integer> tokens) {
    String text = blip2.tokenizer().decode(tokens);
    String asked = text.substring(0, text.lastIndexOf(OPEN) + OPEN.length());
    String question = asked.substring(asked.lastIndexOf("Question:"));
    String answer =
        ANSWERS.entrySet().stream()
            .filter(entry -> question.contains(entry.getKey()))
            .max(Map.Entry.comparingByKey(java.util.Comparator.comparing(question::indexOf)))
            .orElseThrow(() -> new IllegalStateException("no answer for " + question))
            .getValue();
    List<Integer> ids = blip2.tokenizer().encode(answer);
    int written = 0;
    while (!blip2.tokenizer().decode(tokens.subList(0, tokens.size() - written)).equals(asked)) {
      written++;
    }
    return written < ids.size() ? ids.get(written) : TinyOpt.END;
  }

  @Override
  public void close() {
    blip2.close();
  }
}
