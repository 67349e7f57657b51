/** BLIP-2 on PyTorch through DJL; found through {@code ServiceLoader}. */
module io.github.blip2j.djl {
  requires io.github.blip2j;
  requires ai.djl.api;
  requires ai.djl.pytorch_engine;
  requires com.sun.jna;
  requires static org.jspecify;

  provides io.github.blip2j.spi.Backend with
      io.github.blip2j.djl.DjlBackend;
}
