/** An HTTP server over one model: a JSON API, and one that OpenAI's clients speak. */
module io.github.blip2j.server {
  requires static transitive org.jspecify;
  requires transitive io.github.blip2j;
  requires com.fasterxml.jackson.databind;
  requires jdk.httpserver;
  requires org.slf4j;

  exports io.github.blip2j.server;
}
