/** Two small built-in models, for trying the library and for tests. */
module io.github.blip2j.demo {
  requires transitive io.github.blip2j;
  requires static transitive org.jspecify;

  exports io.github.blip2j.demo;
}
