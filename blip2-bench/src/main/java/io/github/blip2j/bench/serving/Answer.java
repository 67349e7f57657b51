package io.github.blip2j.bench.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came back over a connection until it was closed.
 *
 * @param status 0 if nothing came
 * @param headers in small letters, a line each
 * @param body without its chunks' lengths
 * @param whole whether the body has the length that it says, or its last chunk
 */
record Answer(int status, String headers, String body, boolean whole) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String END = "\r\n\r\n";

  /** Reads what a server sent. */
  static Answer of(byte[] bytes) {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = all.indexOf(END);
    while (end >= 0 && all.startsWith("HTTP/1.1 100")) {
      all = all.substring(end + END.length());
      end = all.indexOf(END);
    }
    if (end < 0 || !all.matches("(?s)HTTP/1\\.1 \\d{3}.*")) {
      return new Answer(0, "", utf8(all), all.isEmpty());
    }
    int status = Integer.parseInt(all.substring(9, 12));
    String headers = all.substring(0, end + 2).toLowerCase(Locale.ROOT);
    String rest = all.substring(end + END.length());
    if (headers.contains("transfer-encoding: chunked")) {
      return chunked(status, headers, rest);
    }
    boolean whole =
        headers.contains("\r\ncontent-length: " + rest.length() + "\r\n")
            || rest.isEmpty() && !headers.contains("content-length");
    return new Answer(status, headers, utf8(rest), whole);
  }

  private static Answer chunked(int status, String headers, String chunks) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (true) {
      int line = chunks.indexOf("\r\n", at);
      int length = line < 0 ? -1 : Integer.parseInt(chunks.substring(at, line).strip(), 16);
      int from = line + 2;
      if (length <= 0 || from + length > chunks.length()) {
        return new Answer(status, headers, utf8(body.toString()), length == 0);
      }
      body.append(chunks, from, from + length);
      at = from + length + 2;
    }
  }

  private static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** A field of the body by its pointer; empty if the body is no JSON or has none. */
  String at(String pointer) {
    return at(body, pointer);
  }

  /** The error's code, or nothing. */
  String code() {
    return at("/error/code");
  }

  /** A field of every event, one after the other. */
  String events(String pointer) {
    StringBuilder all = new StringBuilder();
    eventData().forEach(data -> all.append(at(data, pointer)));
    return all.toString();
  }

  private List<String> eventData() {
    List<String> data = new ArrayList<>();
    body.lines().filter(l -> l.startsWith("data: {")).forEach(l -> data.add(l.substring(6)));
    return data;
  }

  private static String at(String json, String pointer) {
    try {
      JsonNode node = MAPPER.readTree(json);
      return node.at(pointer).asText();
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  /** In short, for a fault. */
  String shown() {
    String text = body.length() > 300 ? body.substring(0, 300) + "…" : body;
    return status + (whole ? " " : " cut ") + text.replace('\n', ' ');
  }
}
