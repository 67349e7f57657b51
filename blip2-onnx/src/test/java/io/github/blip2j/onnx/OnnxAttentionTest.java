package io.github.blip2j.onnx;

import io.github.blip2j.testkit.AttentionContract;

class OnnxAttentionTest extends AttentionContract {
  @Override
  protected String backendId() {
    return "onnx";
  }
}
