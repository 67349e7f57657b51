package io.github.blip2j.chat;

/** What a conversation does when image, history and question outgrow its context. */
public enum ContextPolicy {
  /** The question is refused; the message has the count and the limit. The default. */
  REFUSE,

  /**
   * The oldest turns are left out of the prompt, as few as it takes; the history keeps them. The
   * next question costs the whole prompt anew.
   */
  DROP_OLDEST
}
