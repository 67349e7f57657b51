package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.testkit.Fixtures;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which turns a prompt leaves out. */
class ChatPromptsTest {
  private static final int MOST = 150;
  private static final Checkpoint CHECKPOINT = Checkpoint.open(Fixtures.directory("tiny-opt"));
  private static final int IMAGE = CHECKPOINT.config().qformer().queries();
  private final Tokenizer tokenizer = Tokenizer.load(CHECKPOINT);

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static List<ChatTurn> turns(int count) {
    List<ChatTurn> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      turns.add(new ChatTurn("what is number " + i + "?", "a cat ".repeat(i % 4).strip()));
    }
    return turns;
  }

  private PromptTokens tokens(String prompt) {
    return PromptTokens.of(tokenizer.encode(prompt));
  }

  private int[] latest(List<ChatTurn> turns) {
    return prompts(turns, "where?").latest(MOST).text();
  }

  private ChatPrompts prompts(List<ChatTurn> turns, String question) {
    return new ChatPrompts(ChatTemplate.BLOG, turns, question, this::tokens, IMAGE);
  }

  /** The longest prompt that fits, found by trying all. */
  private int[] longest(List<ChatTurn> turns) {
    for (int from = 0; ; from++) {
      List<ChatTurn> some = turns.subList(from, turns.size());
      int[] ids = tokenizer.encode(ChatTemplate.BLOG.prompt(some, "where?"));
      if (IMAGE + ids.length <= MOST) {
        return ids;
      }
    }
  }

  @Test
  void asFewTurnsAsPossibleAreLeftOut() {
    for (int count = 0; count < 40; count++) {
      List<ChatTurn> turns = turns(count);
      assertThat(latest(turns)).as("%d turns", count).isEqualTo(longest(turns));
    }
  }

  /** Seconds, where trying one turn after the other takes hours. */
  @Test
  @Timeout(60)
  void manyTurnsAreLeftOutAtOnce() {
    int[] ids = latest(turns(20_000));
    assertThat(ids).hasSizeLessThanOrEqualTo(MOST).hasSizeGreaterThan(100);
    assertThat(ids).isEqualTo(longest(turns(20_000).subList(19_900, 20_000)));
  }

  @Test
  void aQuestionThatIsTooLongIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> prompts(turns(3), "word ".repeat(200)).latest(MOST))
        .withMessageContaining("must be within 150 tokens");
  }

  /** As many tokens for the Q-Former as words, of which it reads twenty. */
  private PromptTokens instructed(String prompt) {
    int words = 1 + (int) prompt.chars().filter(c -> c == ' ').count();
    return new PromptTokens(tokenizer.encode(prompt), new int[words], 20);
  }

  @Test
  void turnsThatTheQFormerCannotReadAreLeftOut() {
    ChatPrompts prompts =
        new ChatPrompts(ChatTemplate.BLOG, turns(12), "where?", this::instructed, IMAGE);
    PromptTokens latest = prompts.latest(1000);
    assertThat(latest.readable()).isTrue();
    assertThat(latest.instruction()).hasSizeBetween(10, 20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> prompts.whole(1000))
        .withMessageContaining("tokens for the Q-Former")
        .withMessageContaining("must be at most 20");
  }
}
