package io.github.blip2j.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** One request, and the way to answer it once. For the thread that serves it. */
public interface Call {
  /** The method in capital letters. */
  String method();

  /** The path as it was sent, percent signs included, without the query. */
  String path();

  /** The first header of a name, in any case. */
  Optional<String> header(String name);

  /** The IP address of whoever asks. */
  String client();

  /**
   * The whole body; asked for once.
   *
   * @throws Refusal if it is too long (413) or ends before its stated length (400)
   * @throws ClientGone if it took too long or the connection broke
   */
  byte[] body();

  /** Adds a header to the answer to come. */
  void add(String name, String value);

  /**
   * Answers. What is left of the body is read first, as far as is reasonable: a client that is
   * still sending would not see the answer.
   *
   * @throws ClientGone if it cannot be sent
   */
  void reply(Reply reply);

  /**
   * Begins an answer of unknown length with status 200, which ends when the stream is closed.
   *
   * @param type its content type
   * @return writes that fail mean that the client is gone, or reads nothing for too long
   */
  OutputStream stream(String type) throws IOException;

  /** The status that has been sent, or 0. */
  int status();

  /** Bytes of the answer's body so far. */
  long sent();
}
