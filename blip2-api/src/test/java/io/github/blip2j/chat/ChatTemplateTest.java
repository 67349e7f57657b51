package io.github.blip2j.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
  private static final List<ChatTurn> ONE = List.of(new ChatTurn("what is it?", "a cat"));

  @Test
  void theBlogsPromptIsItsTurnsAndTheOpenQuestion() {
    assertThat(ChatTemplate.BLOG.prompt(List.of(), "where?")).isEqualTo("Question: where? Answer:");
    assertThat(ChatTemplate.BLOG.prompt(ONE, "where?"))
        .isEqualTo("Question: what is it? Answer: a cat. Question: where? Answer:");
    assertThat(ChatTemplate.SHORT_ANSWER.prompt(ONE, "where?"))
        .isEqualTo("Question: what is it? Short answer: a cat. Question: where? Short answer:");
  }

  /** What somebody writes is never taken for a hole. */
  @Test
  void textsThatLookLikeHolesAreTexts() {
    List<ChatTurn> turns = List.of(new ChatTurn("{answer}", "{question}"));
    assertThat(ChatTemplate.BLOG.prompt(turns, "{question} {answer}"))
        .isEqualTo("Question: {answer} Answer: {question}. Question: {question} {answer} Answer:");
  }

  @Test
  void anAnswerMayStandInFrontOfItsQuestion() {
    ChatTemplate reversed = new ChatTemplate("{answer} < {question}", "? < {question}", "\n");
    assertThat(reversed.prompt(ONE, "where?")).isEqualTo("a cat < what is it?\n? < where?");
  }

  @Test
  void everyHoleIsThereOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatTemplate("{question}", "{question}", " "))
        .withMessage("turn ({question}) must have exactly one {answer}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatTemplate("{question} {answer} {answer}", "{question}", " "))
        .withMessageContaining("exactly one {answer}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChatTemplate("{question} {answer}", "?", " "))
        .withMessage("open (?) must have exactly one {question}");
  }

  @Test
  void templatesHaveNames() {
    assertThat(ChatTemplate.named("blog")).isSameAs(ChatTemplate.BLOG);
    assertThat(ChatTemplate.named("short-answer")).isSameAs(ChatTemplate.SHORT_ANSWER);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatTemplate.named("long"))
        .withMessage("template (long) must be blog or short-answer");
  }

  @Test
  void aBlankQuestionIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChatTemplate.BLOG.prompt(ONE, " \n"))
        .withMessageContaining("must not be blank");
  }
}
