package io.github.blip2j.djl;

import io.github.blip2j.testkit.TaskContract;

class DjlTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "djl";
  }
}
