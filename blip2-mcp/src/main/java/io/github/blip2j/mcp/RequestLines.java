package io.github.blip2j.mcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a client, one message each, on their way to the protocol's library, which ends at
 * the first that it cannot read and, at the end of the input, forgets what it has not yet written.
 * Here a line that is no message is answered as JSON-RPC says and left out, and the end comes when
 * every request has its answer. Read by one thread.
 */
final class RequestLines extends InputStream {
  private static final int PARSE_ERROR = -32700;
  private static final int INVALID_REQUEST = -32600;

  /** A line may be one long text, an image; the limit of lines is ours. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .build();

  private final InputStream in;
  private final AnswerLines answers;
  private final int longest;
  private final Duration patience;
  private final Runnable ended;
  private byte[] line = new byte[0];
  private int next;
  private long requests;

  /**
   * Reads lines.
   *
   * @param longest bytes of a line
   * @param patience of the end for answers
   * @param ended is told of the end, whether the input ended or could not be read
   */
  RequestLines(
      InputStream in, AnswerLines answers, int longest, Duration patience, Runnable ended) {
    this.ended = ended;
    this.in = new BufferedInputStream(in);
    this.answers = answers;
    this.longest = longest;
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Gives at most the rest of a line, so that no message waits for the one after it. */
  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (next == line.length) {
      byte[] message = message();
      if (message == null) {
        return -1;
      }
      line = message;
      next = 0;
    }
    int count = Math.min(length, line.length - next);
    System.arraycopy(line, next, into, from, count);
    next += count;
    return count;
  }

  /** The next message with its line's end; nothing for a line that is none; null at the end. */
  private byte @Nullable [] message() throws IOException {
    try {
      int first = in.read();
      if (first >= 0) {
        return rest(first);
      }
      answers.await(requests, patience);
      ended.run();
      return null;
    } catch (IOException e) {
      ended.run();
      throw e;
    }
  }

  private byte[] rest(int first) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long length = 0;
    int read = first;
    for (; read >= 0 && read != '\n'; read = in.read()) {
      if (++length <= longest) {
        bytes.write(read);
      }
    }
    if (length > longest) {
      answers.refuse(
          INVALID_REQUEST,
          "a message must have at most " + longest + " bytes, found " + length + ": name a file");
      return new byte[0];
    }
    return checked(bytes);
  }

  private byte[] checked(ByteArrayOutputStream bytes) throws IOException {
    JsonNode message;
    try {
      message = MAPPER.readTree(bytes.toByteArray());
    } catch (JsonProcessingException e) {
      answers.refuse(PARSE_ERROR, "a line must be JSON: " + e.getOriginalMessage());
      return new byte[0];
    }
    if (message.isMissingNode()) { // a blank line
      return new byte[0];
    }
    if (!isMessage(message)) {
      answers.refuse(
          INVALID_REQUEST,
          "a message must be an object of JSON-RPC 2.0 with a method; its id, if any, a text or a"
              + " whole number, its params an object");
      return new byte[0];
    }
    requests += message.has("id") ? 1 : 0;
    bytes.write('\n');
    return bytes.toByteArray();
  }

  /** Whether it is a request or a notification. Nothing is asked of clients that they answer. */
  private static boolean isMessage(JsonNode message) {
    JsonNode id = message.path("id");
    JsonNode params = message.path("params");
    return message.path("jsonrpc").asText().equals("2.0")
        && message.path("method").isTextual()
        && (id.isMissingNode() || id.isTextual() || id.isIntegralNumber())
        && (params.isMissingNode() || params.isObject());
  }
}
