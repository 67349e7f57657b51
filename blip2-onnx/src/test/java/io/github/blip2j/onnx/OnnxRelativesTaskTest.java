package io.github.blip2j.onnx;

import io.github.blip2j.testkit.RelativesTaskContract;

class OnnxRelativesTaskTest extends RelativesTaskContract {
  @Override
  protected String backendId() {
    return "onnx";
  }
}
