/** BLIP-2 as tools of the Model Context Protocol. */
module io.github.blip2j.mcp {
  requires static transitive org.jspecify;
  requires transitive io.github.blip2j;
  requires io.github.blip2j.search;
  requires com.fasterxml.jackson.databind;
  requires com.networknt.schema; // of the protocol's library, which is no module and cannot say so
  requires io.modelcontextprotocol.sdk.mcp.core;
  requires io.modelcontextprotocol.sdk.mcp.json.jackson2;
  requires org.slf4j;

  exports io.github.blip2j.mcp;
}
