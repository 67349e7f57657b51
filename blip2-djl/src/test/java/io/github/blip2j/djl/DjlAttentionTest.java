package io.github.blip2j.djl;

import io.github.blip2j.testkit.AttentionContract;

class DjlAttentionTest extends AttentionContract {
  @Override
  protected String backendId() {
    return "djl";
  }
}
