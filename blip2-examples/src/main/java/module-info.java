/** Short programs that show how the library is used. */
module io.github.blip2j.examples {
  requires io.github.blip2j;
  requires io.github.blip2j.demo;
  requires io.github.blip2j.search;
  requires io.github.blip2j.train;
  requires static org.jspecify;

  exports io.github.blip2j.examples;
}
