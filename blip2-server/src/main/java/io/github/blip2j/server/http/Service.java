package io.github.blip2j.server.http;

/** What answers requests. Called by many threads. */
@FunctionalInterface
public interface Service {
  /** Answers one; what it throws closes the connection. */
  void serve(Call call);
}
