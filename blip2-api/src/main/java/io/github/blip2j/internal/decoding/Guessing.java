package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;

/** A session that may be ahead of its caller. */
interface Guessing {
  /**
   * The session beneath, with nothing ahead: for work in which no guess would be taken.
   *
   * @return owned by this; whoever changes it leaves it as it was
   */
  LanguageSession plain();

  /** The session beneath, if it is such a one. */
  static LanguageSession plain(LanguageSession session) {
    return session instanceof Guessing guessing ? guessing.plain() : session;
  }
}
