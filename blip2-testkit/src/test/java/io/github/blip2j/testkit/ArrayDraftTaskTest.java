package io.github.blip2j.testkit;

import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Precision;

/** Conversations, streams and rankings do not notice a draft. */
class ArrayDraftTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "arrays";
  }

  @Override
  protected Blip2Builder with(Blip2Builder builder) {
    return builder.draft(Precision.INT4);
  }
}
