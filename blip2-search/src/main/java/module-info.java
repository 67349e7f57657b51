/** Finds images by text, images by images and texts by images, on Apache Lucene. */
module io.github.blip2j.search {
  requires static transitive org.jspecify;
  requires transitive io.github.blip2j;
  requires org.apache.lucene.core;
  requires org.apache.lucene.join;

  exports io.github.blip2j.search;
}
