package io.github.blip2j.train;

import io.github.blip2j.TextTokenizer;
import io.github.blip2j.family.TextConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt and its answer as ids, as they stand when the model writes: the prompt with the tokens
 * around every prompt, then the answer's and an end token.
 *
 * @param prompt read, not learnt
 * @param answer learnt
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, not compared
record ExampleTokens(int[] prompt, int[] answer) {
  static ExampleTokens of(TextConfig config, TextTokenizer tokenizer, TrainingExample example) {
    List<Integer> prompt = prompt(config, tokenizer, example.prompt());
    List<Integer> answer =
        config.encoderDecoder()
            ? tokenizer.encodePrompt(example.text())
            : behind(tokenizer, example);
    return new ExampleTokens(array(prompt), array(ended(config, answer)));
  }

  private static List<Integer> prompt(
      TextConfig config, TextTokenizer tokenizer, @Nullable String prompt) {
    return prompt == null ? List.of(config.startToken()) : tokenizer.encodePrompt(prompt);
  }

  private static List<Integer> behind(TextTokenizer tokenizer, TrainingExample example) {
    return example.prompt() == null
        ? tokenizer.encode(example.text())
        : tokenizer.encodeBehind(example.prompt(), example.text());
  }

  private static List<Integer> ended(TextConfig config, List<Integer> answer) {
    List<Integer> ended = new ArrayList<>(answer);
    if (ended.isEmpty() || !config.endTokens().contains(ended.get(ended.size() - 1))) {
      ended.add(config.endTokens().get(0));
    }
    return ended;
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
