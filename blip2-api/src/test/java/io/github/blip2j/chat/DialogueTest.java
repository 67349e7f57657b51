package io.github.blip2j.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DialogueTest {
  private static final ImageSource DOG = ImageSource.of(Path.of("dog.png"));
  private final Dialogue dialogue = new Dialogue();

  @Test
  void anImageAloneAsksForACaption() {
    dialogue.image(DOG);
    dialogue.user(" ");
    assertThat(dialogue.image()).contains(DOG);
    assertThat(dialogue.prompt(ChatTemplate.BLOG)).isEmpty();
  }

  @Test
  void whatTheSystemSaysStandsInFrontOfTheQuestion() {
    dialogue.system("Answer in one word.");
    dialogue.user("What is it?");
    assertThat(dialogue.prompt(ChatTemplate.BLOG))
        .contains("Question: Answer in one word. What is it? Answer:");
  }

  @Test
  void partsOfAMessageAreOneQuestion() {
    dialogue.user("Look:");
    dialogue.image(DOG);
    dialogue.user("what is it?");
    assertThat(dialogue.prompt(ChatTemplate.BLOG)).contains("Question: Look: what is it? Answer:");
  }

  @Test
  void answeredTurnsBecomeTheHistory() {
    dialogue.image(DOG);
    dialogue.assistant("a dog");
    dialogue.user("Where?");
    dialogue.assistant("on a beach");
    dialogue.user("Why?");
    assertThat(dialogue.history())
        .containsExactly(
            new ChatTurn(Dialogue.WORDLESS, "a dog"), new ChatTurn("Where?", "on a beach"));
    assertThat(dialogue.prompt(ChatTemplate.SHORT_ANSWER))
        .contains(
            "Question: What is in the image? Short answer: a dog. Question: Where? Short answer:"
                + " on a beach. Question: Why? Short answer:");
  }

  @Test
  void theSameImageMayComeAgainAndAnotherMayNot() {
    dialogue.image(DOG);
    dialogue.image(ImageSource.of(Path.of("dog.png")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dialogue.image(ImageSource.of(Path.of("cat.png"))))
        .withMessageContaining("several images are not supported");
    assertThat(dialogue.image()).contains(DOG);
  }

  @Test
  void theLastWordIsTheUsers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dialogue.prompt(ChatTemplate.BLOG))
        .withMessageContaining("found none of the user");
    assertThatIllegalArgumentException().isThrownBy(() -> dialogue.assistant("hello"));
    dialogue.user("What?");
    dialogue.assistant("a dog");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dialogue.prompt(ChatTemplate.BLOG))
        .withMessageContaining("found the assistant's");
    assertThatIllegalArgumentException().isThrownBy(() -> dialogue.assistant("again"));
  }
}
