package io.github.blip2j.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One text that is wanted about each image.
 *
 * @param name what results call it: a prompt, null for none, or a question without its template
 * @param question whether it is a question
 */
record TextTask(@Nullable String name, boolean question) {
  /**
   * A task for each prompt and each question, in this order; without any, the caption that goes on
   * from {@code fallback}.
   */
  static List<TextTask> of(
      List<String> prompts, List<String> questions, @Nullable String fallback) {
    List<TextTask> tasks = new ArrayList<>();
    prompts.forEach(p -> tasks.add(new TextTask(p, false)));
    questions.forEach(q -> tasks.add(new TextTask(q, true)));
    return tasks.isEmpty() ? List.of(new TextTask(fallback, false)) : List.copyOf(tasks);
  }

  /**
   * What the model goes on from, or null for nothing.
   *
   * @param template with {@code {}} where a question goes
   */
  @Nullable String prompt(String template) {
    return question && name != null ? template.replace("{}", name) : name;
  }

  /**
   * What the task of questions demands, before a model is loaded for it.
   *
   * @throws IllegalArgumentException if the template has not exactly one {@code {}}
   */
  static void requireOneHole(String template) {
    int hole = template.indexOf("{}");
    if (hole < 0 || hole != template.lastIndexOf("{}")) {
      throw new IllegalArgumentException("template (" + template + ") must have exactly one {}");
    }
  }
}
