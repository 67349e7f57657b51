package io.github.blip2j.chat;

import io.github.blip2j.image.ImageInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A conversation told anew from its beginning, as the messages of chat APIs tell it, message by
 * message. BLIP-2 has one image and no roles: messages become the image, the turns that were
 * answered, and the open question, in front of which stands what the system has said since the
 * answer before. For one thread.
 */
public final class Dialogue {
  /** What stands for a question where an image came without words. */
  public static final String WORDLESS = "What is in the image?";

  private final List<ChatTurn> history = new ArrayList<>();
  private final StringBuilder question = new StringBuilder();
  private @Nullable ImageInput image;
  private boolean asked;

  /** Begins with nothing. */
  public Dialogue() {}

  /**
   * A message of the system.
   *
   * @param text stands in front of the question that follows; nothing if it is blank
   */
  public void system(String text) {
    say(text);
  }

  /**
   * A text of the user; a message of several parts has several.
   *
   * @param text goes on in the open question; may be blank beside an image
   */
  public void user(String text) {
    asked = true;
    say(text);
  }

  /**
   * An image of the user.
   *
   * @param seen the image; the same one may come again
   * @throws IllegalArgumentException if it is another than before: BLIP-2 sees one
   */
  public void image(ImageInput seen) {
    if (image != null && !image.equals(seen)) {
      throw new IllegalArgumentException(
          "expected one image in a conversation, found another: several images are not supported,"
              + " begin a new conversation for each");
    }
    image = seen;
    asked = true;
  }

  /**
   * A message of the assistant: the answer to the open question.
   *
   * @param text as it was answered
   * @throws IllegalArgumentException if the user has not asked anything
   */
  public void assistant(String text) {
    if (!asked) {
      throw new IllegalArgumentException(
          "expected a message of the user before the assistant's, found none");
    }
    history.add(new ChatTurn(openQuestion(), text));
    question.setLength(0);
    asked = false;
  }

  private void say(String text) {
    if (!text.isBlank()) {
      question.append(question.isEmpty() ? "" : " ").append(text.strip());
    }
  }

  private String openQuestion() {
    return question.isEmpty() ? WORDLESS : question.toString();
  }

  /**
   * The image that it is about.
   *
   * @return nothing if none came
   */
  public Optional<ImageInput> image() {
    return Optional.ofNullable(image);
  }

  /**
   * What was answered.
   *
   * @return the turns, oldest first
   */
  public List<ChatTurn> history() {
    return List.copyOf(history);
  }

  /**
   * What the model goes on from.
   *
   * @param template how turns become a prompt
   * @return the prompt; nothing if not a word has been said, which asks for a caption
   * @throws IllegalArgumentException if the last message is not the user's
   */
  public Optional<String> prompt(ChatTemplate template) {
    if (!asked) {
      throw new IllegalArgumentException(
          "expected the last message to be the user's, found "
              + (history.isEmpty() ? "none of the user" : "the assistant's"));
    }
    return question.isEmpty() && history.isEmpty()
        ? Optional.empty()
        : Optional.of(template.prompt(history, openQuestion()));
  }
}
