package io.github.blip2j.onnx;

import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Precision;
import io.github.blip2j.testkit.TaskContract;

/** Conversations, streams and rankings do not notice a draft. */
class OnnxDraftTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "onnx";
  }

  @Override
  protected Blip2Builder with(Blip2Builder builder) {
    return builder.draft(Precision.INT4);
  }
}
