package io.github.blip2j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.core.UnreadableImageException;
import java.util.function.Supplier;

/** This library's exceptions as those by which LangChain4j's users decide what to do. */
final class Failures {
  private Failures() {}

  /** Runs a call with its exceptions mapped. */
  static <R> R mapped(Supplier<R> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw mapped(e);
    }
  }

  /** What to throw instead. */
  static RuntimeException mapped(RuntimeException failure) {
    if (failure instanceof OverloadedException) {
      return new RateLimitException(failure.getMessage(), failure); // worth trying again
    }
    if (failure instanceof IllegalArgumentException
        || failure instanceof UnreadableImageException) {
      return new InvalidRequestException(failure.getMessage(), failure);
    }
    return failure;
  }
}
