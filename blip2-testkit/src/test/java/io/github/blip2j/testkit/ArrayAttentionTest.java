package io.github.blip2j.testkit;

class ArrayAttentionTest extends AttentionContract {
  @Override
  protected String backendId() {
    return "arrays";
  }
}
