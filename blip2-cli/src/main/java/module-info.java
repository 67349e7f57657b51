/** The command line program. */
@SuppressWarnings("opens") // picocli sets fields by reflection
module io.github.blip2j.cli {
  requires io.github.blip2j;
  requires io.github.blip2j.demo;
  requires io.github.blip2j.mcp;
  requires io.github.blip2j.search;
  requires io.github.blip2j.server;
  requires io.github.blip2j.train;
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires java.logging;
  requires java.management;
  requires jdk.management; // the memory of a container
  requires org.jline.reader;
  requires org.jline.terminal;
  requires static org.jspecify;

  uses io.github.blip2j.spi.Backend;

  exports io.github.blip2j.cli;

  opens io.github.blip2j.cli to
      info.picocli;
}
