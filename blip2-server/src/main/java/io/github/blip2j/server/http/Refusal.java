package io.github.blip2j.server.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that is answered with an error: the message is for whoever asked. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final @Nullable String param;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  /**
   * Creates the refusal.
   *
   * @param status 400 to 599
   * @param code for programs, such as {@code unknown_route}
   * @param param the field of the request that is wrong, or null
   * @param message what was expected, what was found, what to do
   */
  public Refusal(int status, String code, @Nullable String param, String message) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }

  /** A field with a wrong value. */
  public static Refusal field(String param, String message) {
    return new Refusal(400, "invalid_value", param, message);
  }

  /** Something that this server does not do. */
  public static Refusal unsupported(String param, String message) {
    return new Refusal(400, "unsupported_value", param, message);
  }

  /** The same with a header in its answer. */
  public Refusal with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /**
   * The same with the headers by which clients try again.
   *
   * @param seconds after how many
   */
  public Refusal retryAfter(int seconds) {
    return with("Retry-After", Integer.toString(seconds)).with("x-should-retry", "true");
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  public @Nullable String param() {
    return param;
  }

  public Map<String, String> headers() {
    return headers;
  }

  /** The kind of error, by the status, in OpenAI's words. */
  public String type() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }
}
