package io.github.blip2j.testkit;

class ArrayToyTaskTest extends ToyTaskContract {
  @Override
  protected String backendId() {
    return "arrays";
  }
}
