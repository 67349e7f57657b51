package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * What a server answered, redirects followed.
 *
 * @param status of HTTP
 * @param headers of the last answer
 * @param body its bytes, as they came
 * @param host who answered, with the port
 * @param hub whether that is the Hub itself, and no storage elsewhere
 */
record HubAnswer(int status, HttpHeaders headers, InputStream body, String host, boolean hub)
    implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");
  private static final Pattern RATE =
      Pattern.compile("r\\s*=\\s*(\\d+)\\s*;\\s*t\\s*=\\s*(\\d{1,6})");

  static final int OK = 200;
  static final int PARTIAL = 206;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int PROXY_LOGIN = 407;
  static final int NO_SUCH_RANGE = 416;
  static final int TOO_MANY = 429;

  /** A header's value; empty if it is not there. */
  String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  private boolean zipped() {
    return header("Content-Encoding").toLowerCase(Locale.ROOT).contains("gzip");
  }

  /** The length of {@link #content}, where the server says it. */
  OptionalLong length() {
    return zipped() ? OptionalLong.empty() : headers.firstValueAsLong("Content-Length");
  }

  /** The body's content: unpacked, if the server packed it without being asked to. */
  InputStream content() throws IOException {
    return zipped() ? new GZIPInputStream(body) : body;
  }

  /** The whole content, which is a text. */
  byte[] text(int most) throws IOException {
    byte[] bytes = content().readNBytes(most + 1);
    if (bytes.length > most) {
      throw new IOException("an answer of more than " + most + " bytes");
    }
    if (length().isPresent() && length().getAsLong() != bytes.length) {
      throw new IOException("the answer ended after " + bytes.length + " bytes");
    }
    return bytes;
  }

  /** Whether a part of a file begins where it was asked to, and the file is as long as expected. */
  boolean continues(long from, long size) {
    Matcher range = RANGE.matcher(header("Content-Range"));
    return !zipped()
        && range.matches()
        && Long.parseLong(range.group(1)) == from
        && (range.group(2).equals("*") || Long.parseLong(range.group(2)) == size);
  }

  /** Seconds that the server asks to wait; 0 if it does not. */
  long waitSeconds() {
    Matcher rate = RATE.matcher(header("RateLimit"));
    if (status == TOO_MANY && rate.find() && rate.group(1).matches("0+")) {
      return Long.parseLong(rate.group(2)) + 1;
    }
    String after = header("Retry-After").strip();
    return after.matches("\\d{1,6}") ? Long.parseLong(after) : 0;
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      // nothing more is wanted of it
    }
  }
}
