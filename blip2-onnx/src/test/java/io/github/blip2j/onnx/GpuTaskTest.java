package io.github.blip2j.onnx;

import io.github.blip2j.testkit.TaskContract;

/** Conversations, rankings and questions over the graphs of a GPU. */
class GpuTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "gpu";
  }
}
