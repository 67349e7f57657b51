package io.github.blip2j.onnx;

import io.github.blip2j.testkit.TaskContract;

/** Conversations, rankings and questions over the graphs of a card. */
class CardTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "card";
  }
}
