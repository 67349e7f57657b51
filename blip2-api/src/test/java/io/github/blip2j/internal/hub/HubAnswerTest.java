package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What headers say of an answer, and its body as it was before it was packed. */
class HubAnswerTest {
  private static final byte[] TEXT = "twelve bytes".getBytes(StandardCharsets.UTF_8);
  private static final int ENOUGH = 100;

  /** Headers are given as name, value, name, value. */
  private static HubAnswer answer(int status, byte[] body, String... headers) {
    Map<String, List<String>> map = new TreeMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.computeIfAbsent(headers[i], n -> new ArrayList<>()).add(headers[i + 1]);
    }
    return new HubAnswer(
        status,
        HttpHeaders.of(map, (name, value) -> true),
        new ByteArrayInputStream(body),
        "hub.test:443",
        true);
  }

  private static byte[] zipped(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(plain);
    }
    return out.toByteArray();
  }

  @Test
  void aTextIsAsLongAsItsHeaderSays() throws IOException {
    assertThat(answer(200, TEXT).text(ENOUGH)).isEqualTo(TEXT);
    assertThat(answer(200, TEXT, "Content-Length", "12").text(ENOUGH)).isEqualTo(TEXT);
    assertThatThrownBy(() -> answer(200, TEXT, "Content-Length", "13").text(ENOUGH))
        .hasMessage("the answer ended after 12 bytes");
    assertThat(answer(200, TEXT).text(12)).isEqualTo(TEXT);
    assertThatThrownBy(() -> answer(200, TEXT).text(11))
        .hasMessage("an answer of more than 11 bytes");
  }

  /** The length is that of the packed bytes, and says nothing then. */
  @Test
  void aPackedTextIsUnpacked() throws IOException {
    byte[] packed = zipped(TEXT);
    HubAnswer answer =
        answer(200, packed, "Content-Encoding", "GZIP", "Content-Length", "" + packed.length);
    assertThat(answer.length()).isEmpty();
    assertThat(answer.text(ENOUGH)).isEqualTo(TEXT);
    assertThatThrownBy(
            () -> answer(200, zipped(new byte[5000]), "Content-Encoding", "gzip").text(99))
        .as("however few bytes it was packed into")
        .hasMessage("an answer of more than 99 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "bytes 10-19/20,10,20,true",
    "bytes 10-19/*,10,20,true",
    "bytes 11-19/20,10,20,false",
    "bytes 10-19/21,10,20,false",
    "bytes */20,10,20,false",
    "'',10,20,false",
    "items 10-19/20,10,20,false",
    "bytes 10-19,10,20,false",
    "bytes 99999999999999999999-1/20,10,20,false"
  })
  void aPartContinuesWhereItBeginsThere(String range, long from, long size, boolean expected) {
    assertThat(answer(206, TEXT, "Content-Range", range).continues(from, size)).isEqualTo(expected);
    assertThat(
            answer(206, TEXT, "Content-Range", range, "Content-Encoding", "gzip")
                .continues(from, size))
        .as("a part of packed bytes is no part of the file")
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "503;Retry-After;7;7",
        "503;Retry-After; 7 ;7",
        "503;Retry-After;Fri, 31 Dec 1999 23:59:59 GMT;0",
        "503;Retry-After;-1;0",
        "503;Retry-After;9999999;0",
        "429;Retry-After;30;30",
        "429;RateLimit;\"api\"|r=0|t=55;56",
        "429;RateLimit;\"api\"|r=3|t=55;0",
        "503;RateLimit;\"api\"|r=0|t=55;0",
        "200;Other;5;0"
      })
  void theServersWishToWaitIsRead(int status, String name, String value, long seconds) {
    assertThat(answer(status, TEXT, name, value.replace('|', ';')).waitSeconds())
        .isEqualTo(seconds);
  }

  @Test
  void aBodyThatCannotBeClosedIsNoError() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() {
            return -1;
          }

          @Override
          public void close() throws IOException {
            throw new IOException("of the connection");
          }
        };
    HttpHeaders none = HttpHeaders.of(Map.of(), (name, value) -> true);
    new HubAnswer(200, none, broken, "hub.test", true).close();
  }
}
