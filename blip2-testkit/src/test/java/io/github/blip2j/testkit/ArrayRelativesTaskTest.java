package io.github.blip2j.testkit;

class ArrayRelativesTaskTest extends RelativesTaskContract {
  @Override
  protected String backendId() {
    return "arrays";
  }
}
