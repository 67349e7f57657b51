package io.github.blip2j.djl;

import io.github.blip2j.testkit.ToyTaskContract;

class DjlToyTaskTest extends ToyTaskContract {
  @Override
  protected String backendId() {
    return "djl";
  }
}
