package io.github.blip2j.onnx;

import io.github.blip2j.Blip2Builder;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.testkit.ThreadContract;

/** The same where calls share steps. */
class OnnxSharedThreadTest extends ThreadContract {
  @Override
  protected Backend backend() {
    return new OnnxBackend();
  }

  @Override
  protected Blip2Builder settings(Blip2Builder builder) {
    return builder.concurrency(4, 100);
  }
}
