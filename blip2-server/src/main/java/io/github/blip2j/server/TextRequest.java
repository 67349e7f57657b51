package io.github.blip2j.server;

import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text that somebody wants.
 *
 * @param image what it is about
 * @param start what it goes on from
 * @param options how to generate
 */
record TextRequest(ServerImage image, Start start, GenerationOptions options) {
  /** What a text goes on from. */
  sealed interface Start {
    /** In the form that the model reads, or null for nothing. */
    @Nullable String prompt();
  }

  /**
   * A prompt as it is.
   *
   * @param prompt or null for none
   */
  record Prompt(@Nullable String prompt) implements Start {}

  /**
   * A conversation.
   *
   * @param template how it becomes a prompt
   * @param history past turns, oldest first
   * @param question the open one
   */
  record Turns(ChatTemplate template, List<ChatTurn> history, String question) implements Start {
    @Override
    public String prompt() {
      return template.prompt(history, question);
    }
  }

  /**
   * What came of it.
   *
   * @param texts as many as were asked for
   * @param imageMillis of reading and encoding the image; 0 if that had been done
   * @param promptTokens of image and prompt
   */
  record Written(List<GeneratedText> texts, long imageMillis, int promptTokens) {
    /** Tokens of all texts. */
    int newTokens() {
      return texts.stream().mapToInt(t -> t.tokenIds().size()).sum();
    }
  }
}
