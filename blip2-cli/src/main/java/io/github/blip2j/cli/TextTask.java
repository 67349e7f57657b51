package io.github.blip2j.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One text that is wanted about each image.
 *
 * @param name what results call it: the prompt, or the question without its template
 * @param prompt what the model goes on from, or null for nothing
 */
record TextTask(@Nullable String name, @Nullable String prompt) {
  /**
   * A task for each prompt and each question, in this order; without any, the caption that goes on
   * from {@code fallback}.
   *
   * @throws IllegalArgumentException if the template has not exactly one {@code {}}
   */
  static List<TextTask> of(
      List<String> prompts, List<String> questions, String template, @Nullable String fallback) {
    List<TextTask> tasks = new ArrayList<>();
    prompts.forEach(p -> tasks.add(new TextTask(p, p)));
    if (!questions.isEmpty()) {
      requireOneHole(template);
    }
    questions.forEach(q -> tasks.add(new TextTask(q, template.replace("{}", q))));
    return tasks.isEmpty() ? List.of(new TextTask(fallback, fallback)) : List.copyOf(tasks);
  }

  /** What the task itself demands, before a model is loaded for it. */
  static void requireOneHole(String template) {
    int hole = template.indexOf("{}");
    if (hole < 0 || hole != template.lastIndexOf("{}")) {
      throw new IllegalArgumentException("template (" + template + ") must have exactly one {}");
    }
  }
}
