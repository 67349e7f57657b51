/** BLIP-2 in the JVM: the facade, and everything that no engine owns. */
module io.github.blip2j {
  requires static transitive org.jspecify;
  requires transitive java.desktop;
  requires java.net.http;
  requires com.fasterxml.jackson.databind;
  requires ai.djl.api;
  requires ai.djl.tokenizers;
  requires com.google.gson; // DJL is no named module and cannot say that it needs these two
  requires org.slf4j;
  requires jdk.unsupported; // to free direct memory when its owner closes

  exports io.github.blip2j;
  exports io.github.blip2j.chat;
  exports io.github.blip2j.core;
  exports io.github.blip2j.generation;
  exports io.github.blip2j.image;
  exports io.github.blip2j.retrieval;
  exports io.github.blip2j.spi;
  exports io.github.blip2j.checkpoint;
  exports io.github.blip2j.family;
  exports io.github.blip2j.files;
  exports io.github.blip2j.host;
  exports io.github.blip2j.session;
  exports io.github.blip2j.stage;

  uses io.github.blip2j.family.LanguageFamily;
  uses io.github.blip2j.family.VisionFamily;
  uses io.github.blip2j.spi.Backend;
}
