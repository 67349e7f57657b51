package io.github.blip2j.server.http;

import java.nio.charset.StandardCharsets;

/**
 * A whole answer.
 *
 * @param status 200 to 599
 * @param type content type; not sent without a body
 * @param body may be empty
 */
public record Reply(int status, String type, byte[] body) {
  /** An answer in JSON. */
  public static Reply json(int status, String json) {
    return new Reply(status, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** An answer without a body. */
  public static Reply empty(int status) {
    return new Reply(status, "", new byte[0]);
  }
}
