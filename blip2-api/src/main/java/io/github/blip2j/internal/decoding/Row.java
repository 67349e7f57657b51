package io.github.blip2j.internal.decoding;

import io.github.blip2j.FinishReason;
import io.github.blip2j.GenerationOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One text under way: what it was asked, what it has, and whether it is done. */
public final class Row {
  private final int index;
  private final Prompt prompt;
  private final int limit;
  private final List<Integer> ids = new ArrayList<>();
  private @Nullable FinishReason finish;

  /**
   * Starts a row.
   *
   * @param index its place in the caller's order
   * @param limit most new tokens: the option's, or fewer if positions run out
   */
  Row(int index, Prompt prompt, int limit) {
    this.index = index;
    this.prompt = prompt;
    this.limit = limit;
  }

  /** Place in the caller's order, from 0. */
  public int index() {
    return index;
  }

  /** New tokens so far, the end token included. */
  public List<Integer> ids() {
    return Collections.unmodifiableList(ids);
  }

  /** Why it ended; empty while it goes on. */
  public Optional<FinishReason> finish() {
    return Optional.ofNullable(finish);
  }

  Prompt prompt() {
    return prompt;
  }

  GenerationOptions options() {
    return prompt.options();
  }

  int limit() {
    return limit;
  }

  int last() {
    return ids.get(ids.size() - 1);
  }

  void accept(int id, List<Integer> endTokens) {
    ids.add(id);
    if (endTokens.contains(id)) {
      finish = FinishReason.EOS;
    } else if (ids.size() >= limit) {
      finish = FinishReason.LENGTH;
    }
  }
}
