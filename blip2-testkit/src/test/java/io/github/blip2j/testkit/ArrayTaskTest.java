package io.github.blip2j.testkit;

class ArrayTaskTest extends TaskContract {
  @Override
  protected String backendId() {
    return "arrays";
  }
}
