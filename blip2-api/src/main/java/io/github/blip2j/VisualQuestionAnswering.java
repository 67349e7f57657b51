package io.github.blip2j;

import java.util.List;

/**
 * Answers questions about pictures. The question is put into a template; the default is the
 * reference's, {@code Question: {} Answer:}. Immutable; safe for many threads while its {@link
 * Blip2} is open.
 */
public final class VisualQuestionAnswering {
  /** The template that BLIP-2's language models were tried with (Li et al. 2023, §4.1). */
  public static final String DEFAULT_TEMPLATE = "Question: {} Answer:";

  private static final String HOLE = "{}";

  private final Blip2 blip2;
  private final String template;
  private final GenerationOptions options;

  VisualQuestionAnswering(Blip2 blip2, String template, GenerationOptions options) {
    this.blip2 = blip2;
    this.template = template;
    this.options = options;
  }

  /**
   * The same with other options.
   *
   * @param changed how to generate
   * @return the same task and template
   */
  public VisualQuestionAnswering withOptions(GenerationOptions changed) {
    return new VisualQuestionAnswering(blip2, template, changed);
  }

  /**
   * The same with another template.
   *
   * @param changed text with one {@code {}} where the question goes
   * @return the same task and options
   * @throws IllegalArgumentException if it does not have exactly one
   */
  public VisualQuestionAnswering withTemplate(String changed) {
    int at = changed.indexOf(HOLE);
    if (at < 0 || changed.indexOf(HOLE, at + HOLE.length()) >= 0) {
      throw new IllegalArgumentException("template (" + changed + ") must have exactly one {}");
    }
    return new VisualQuestionAnswering(blip2, changed, options);
  }

  /**
   * Answers one question.
   *
   * @param image the picture
   * @param question in plain words, such as {@code how many cats are there?}
   * @return the answer
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public GeneratedText ask(ImageSource image, String question) {
    return answers(image, question).get(0);
  }

  /**
   * Gives as many answers to one question as {@link GenerationOptions#numReturnSequences()} says.
   *
   * @param image the picture
   * @param question in plain words
   * @return the answers; of a beam search best first
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> answers(ImageSource image, String question) {
    String prompt = template.replace(HOLE, question);
    return blip2.generate(List.of(new GenerationRequest(image, prompt, options))).get(0);
  }
}
