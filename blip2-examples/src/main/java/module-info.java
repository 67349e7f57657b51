/** Short programs that show how the library is used. */
module io.github.blip2j.examples {
  requires io.github.blip2j;
  requires io.github.blip2j.search;
  requires static org.jspecify;

  exports io.github.blip2j.examples;
}
