package io.github.blip2j.bench.serving;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * One thing that a client does.
 *
 * @param name says what it is
 * @param kind how it is meant
 * @param work does it at a server; gives what is wrong with what came back, or an empty text
 */
record Visit(String name, Kind kind, Work work) {
  /** How a visit is meant. */
  enum Kind {
    /** It wants its answer. */
    SINCERE,
    /** It leaves before it has it. */
    LEAVING,
    /** It sends what is no request. */
    RUBBISH
  }

  /** What a visit does. Safe for many threads. */
  interface Work {
    String run(InetSocketAddress server) throws IOException;
  }
}
