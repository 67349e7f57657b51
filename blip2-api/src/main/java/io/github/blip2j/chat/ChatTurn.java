package io.github.blip2j.chat;

/**
 * A question and its answer.
 *
 * @param question in plain words, not blank
 * @param answer what was answered; may be empty
 */
public record ChatTurn(String question, String answer) {
  /** Checks the question. */
  public ChatTurn {
    ChatTemplate.requireQuestion(question);
  }
}
