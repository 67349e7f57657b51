package io.github.blip2j.chat;

import java.util.List;

/**
 * How a conversation becomes a prompt: the turns with their answers, then the open question, with a
 * separator between them.
 *
 * @param turn a past turn, with one {@code {question}} and one {@code {answer}}
 * @param open the question to be answered, with one {@code {question}}
 * @param separator between turns
 */
public record ChatTemplate(String turn, String open, String separator) {
  private static final String QUESTION = "{question}";
  private static final String ANSWER = "{answer}";

  /**
   * The one of the Hugging Face blog post "Zero-shot image-to-text generation with BLIP-2": {@code
   * Question: … Answer: …. Question: … Answer:}.
   */
  public static final ChatTemplate BLOG =
      new ChatTemplate(
          "Question: {question} Answer: {answer}.", "Question: {question} Answer:", " ");

  /** The same with LAVIS's short answers. */
  public static final ChatTemplate SHORT_ANSWER =
      new ChatTemplate(
          "Question: {question} Short answer: {answer}.",
          "Question: {question} Short answer:",
          " ");

  /** Checks the holes. */
  public ChatTemplate {
    require("turn", turn, QUESTION);
    require("turn", turn, ANSWER);
    require("open", open, QUESTION);
  }

  private static void require(String name, String text, String hole) {
    int at = text.indexOf(hole);
    if (at < 0 || text.indexOf(hole, at + 1) >= 0) {
      throw new IllegalArgumentException(name + " (" + text + ") must have exactly one " + hole);
    }
  }

  static void requireQuestion(String question) {
    if (question.isBlank()) {
      throw new IllegalArgumentException("question (" + question + ") must not be blank");
    }
  }

  /**
   * A template by name.
   *
   * @param name {@code blog} or {@code short-answer}
   * @return the template
   * @throws IllegalArgumentException if there is none of that name
   */
  public static ChatTemplate named(String name) {
    return switch (name) {
      case "blog" -> BLOG;
      case "short-answer" -> SHORT_ANSWER;
      default ->
          throw new IllegalArgumentException(
              "template (" + name + ") must be blog or short-answer");
    };
  }

  /**
   * The prompt.
   *
   * @param history past turns, oldest first
   * @param question the open one
   * @return what the model goes on from
   */
  public String prompt(List<ChatTurn> history, String question) {
    requireQuestion(question);
    StringBuilder prompt = new StringBuilder();
    for (ChatTurn past : history) {
      int hole = turn.indexOf(ANSWER);
      // each hole is filled once, whatever the texts contain
      String filled =
          fill(turn.substring(0, hole), past.question())
              + past.answer()
              + fill(turn.substring(hole + ANSWER.length()), past.question());
      prompt.append(filled).append(separator);
    }
    return prompt.append(fill(open, question)).toString();
  }

  private static String fill(String text, String question) {
    int hole = text.indexOf(QUESTION);
    return hole < 0
        ? text
        : text.substring(0, hole) + question + text.substring(hole + QUESTION.length());
  }
}
