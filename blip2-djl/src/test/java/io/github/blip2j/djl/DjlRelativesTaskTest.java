package io.github.blip2j.djl;

import io.github.blip2j.testkit.RelativesTaskContract;

class DjlRelativesTaskTest extends RelativesTaskContract {
  @Override
  protected String backendId() {
    return "djl";
  }
}
