/** Fine-tunes BLIP-2 on pairs of images and texts. */
module io.github.blip2j.train {
  requires static transitive org.jspecify;
  requires transitive io.github.blip2j;
  requires com.fasterxml.jackson.databind;

  exports io.github.blip2j.train;
}
