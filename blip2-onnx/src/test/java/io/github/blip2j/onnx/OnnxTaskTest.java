package io.github.blip2j.onnx;

import io.github.blip2j.testkit.TaskContract;

class OnnxTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "onnx";
  }
}
