package io.github.blip2j.onnx;

import io.github.blip2j.testkit.ToyTaskContract;

class OnnxToyTaskTest extends ToyTaskContract {
  @Override
  protected String backendId() {
    return "onnx";
  }
}
