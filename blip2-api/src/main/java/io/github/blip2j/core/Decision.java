package io.github.blip2j.core;

import java.util.Locale;

/**
 * One choice in the plan by which a model is loaded, and why it was made.
 *
 * @param <T> type of what was chosen
 * @param part what it is about, such as {@code language layout}
 * @param choice what was chosen
 * @param reason in a few words, for people
 */
public record Decision<T>(String part, T choice, String reason) {
  /**
   * The part of a plan that tells that lower precisions than usual were chosen, since there is not
   * the memory for those: its choice is the {@link Precisions}, its reason has the figures.
   */
  public static final String FIT = "fit";

  /**
   * The decision in words.
   *
   * @return {@code part: choice (reason)}, the choice in lower case
   */
  public String line() {
    String words = choice instanceof Precisions precisions ? precisions.label() : choice.toString();
    return part + ": " + words.toLowerCase(Locale.ROOT).replace('_', '-') + " (" + reason + ")";
  }
}
