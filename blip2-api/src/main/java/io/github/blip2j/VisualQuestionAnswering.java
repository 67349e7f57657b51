package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.VqaAnswers;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import java.util.List;

/**
 * Answers questions about images. The question is put into a template; the default is the
 * reference's, {@code Question: {} Answer:}, and of a checkpoint whose Q-Former reads instructions
 * LAVIS's, {@code Question: {} Short Answer:}. Immutable; safe for many threads while its {@link
 * Blip2} is open.
 */
public final class VisualQuestionAnswering {
  /** The template that BLIP-2's language models were tried with (Li et al. 2023, §4.1). */
  public static final String DEFAULT_TEMPLATE = "Question: {} Answer:";

  /** LAVIS's template for short answers. */
  public static final String SHORT_ANSWER_TEMPLATE = "Question: {} Short answer:";

  /** LAVIS's template for short answers of InstructBLIP (Dai et al. 2023, appendix). */
  public static final String INSTRUCTED_TEMPLATE = "Question: {} Short Answer:";

  private static final String HOLE = "{}";

  private final Engine engine;
  private final String template;
  private final GenerationOptions options;
  private final boolean normalized;

  VisualQuestionAnswering(
      Engine engine, String template, GenerationOptions options, boolean normalized) {
    this.engine = engine;
    this.template = template;
    this.options = options;
    this.normalized = normalized;
  }

  /**
   * The template.
   *
   * @return text with one {@code {}} where the question goes
   */
  public String template() {
    return template;
  }

  /**
   * The same with other options.
   *
   * @param changed how to generate
   * @return the same task and template
   */
  public VisualQuestionAnswering withOptions(GenerationOptions changed) {
    return new VisualQuestionAnswering(engine, template, changed, normalized);
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
    return new VisualQuestionAnswering(engine, changed, options, normalized);
  }

  /**
   * The same with answers brought into the VQA evaluation's form; not by default.
   *
   * @param changed whether texts are changed by {@link VqaAnswers#normalize}; tokens and scores
   *     stay
   * @return the same task, template and options
   */
  public VisualQuestionAnswering withNormalizedAnswers(boolean changed) {
    return new VisualQuestionAnswering(engine, template, options, changed);
  }

  /**
   * Answers one question.
   *
   * @param image the image
   * @param question in plain words, such as {@code how many cats are there?}
   * @return the answer
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public GeneratedText ask(ImageInput image, String question) {
    return answers(image, question).get(0);
  }

  /**
   * Gives as many answers to one question as {@link GenerationOptions#numReturnSequences()} says.
   *
   * @param image the image
   * @param question in plain words
   * @return the answers; of a beam search best first
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> answers(ImageInput image, String question) {
    return answers(List.of(request(image, question))).get(0);
  }

  /**
   * Answers several questions about one image as one batch: the image is encoded once, and the
   * texts are those of one call each.
   *
   * @param image the image
   * @param questions in plain words
   * @return an answer for each, in their order
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if a question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> ask(ImageInput image, List<String> questions) {
    return answers(image, questions).stream().map(texts -> texts.get(0)).toList();
  }

  /**
   * Gives as many answers to each of several questions about one image as {@link
   * GenerationOptions#numReturnSequences()} says.
   *
   * @param image the image
   * @param questions in plain words
   * @return for each question, in order, the answers; of a beam search best first
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if a question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public List<List<GeneratedText>> answers(ImageInput image, List<String> questions) {
    return answers(questions.stream().map(q -> request(image, q)).toList());
  }

  private GenerationRequest request(ImageInput image, String question) {
    return new GenerationRequest(image, template.replace(HOLE, question), options);
  }

  private List<List<GeneratedText>> answers(List<GenerationRequest> requests) {
    List<List<GeneratedText>> answers = engine.writing().generate(requests);
    return normalized
        ? answers.stream()
            .map(texts -> texts.stream().map(VisualQuestionAnswering::normalized).toList())
            .toList()
        : answers;
  }

  private static GeneratedText normalized(GeneratedText answer) {
    return new GeneratedText(
        VqaAnswers.normalize(answer.text()),
        answer.tokenIds(),
        answer.finishReason(),
        answer.score(),
        answer.logProbabilities(),
        answer.alternatives(),
        answer.timings());
  }
}
