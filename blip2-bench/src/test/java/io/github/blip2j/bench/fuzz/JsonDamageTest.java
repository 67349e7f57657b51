package io.github.blip2j.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Damage that says something wrong in JSON that is well-formed, and leaves all else alone. */
class JsonDamageTest {
  private static final int CASES = 400;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String TEXT =
      "{\"a\":[1,2,3],\"b\":{\"c\":64,\"d\":\"gelu\"},\"e\":true,\"f\":null}";
  private static final byte[] DATA = {9, 8, 7, 6, 5};

  private static JsonNode damaged(Sample sample, long seed) throws IOException {
    return MAPPER.readTree(new JsonDamage(new SplittableRandom(seed)).damaged(sample));
  }

  private static Sample json(String text) {
    return new Sample("config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] tensors(String header) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + DATA.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(DATA)
        .array();
  }

  @Test
  void filesWithJsonInThemFit() {
    assertThat(JsonDamage.fits(new Sample("a.json", DATA))).isTrue();
    assertThat(JsonDamage.fits(new Sample("a.safetensors", DATA))).isTrue();
    assertThat(JsonDamage.fits(new Sample("a.json.bin", DATA))).isFalse();
  }

  /** Members go, are renamed, doubled, and become values of every kind. */
  @Test
  void everyKindOfDamageIsDone() throws IOException {
    JsonNode whole = MAPPER.readTree(TEXT);
    Set<String> kinds = new HashSet<>();
    int changed = 0;
    for (int seed = 0; seed < CASES; seed++) {
      JsonNode found = damaged(json(TEXT), seed);
      assertThat(found.isObject()).as("the file itself stays an object").isTrue();
      changed += found.equals(whole) ? 0 : 1;
      kinds.add(found.size() < 4 ? "fewer" : found.size() > 4 ? "more" : "as many");
      kinds.add("list of " + Math.min(4, found.path("a").size()));
      found.forEach(member -> kinds.add(member.getNodeType().toString()));
    }
    assertThat(changed).isGreaterThan(CASES * 3 / 4);
    assertThat(kinds)
        .contains("fewer", "more", "as many", "list of 2", "list of 4")
        .contains("NULL", "BOOLEAN", "STRING", "OBJECT", "ARRAY", "NUMBER");
  }

  @Test
  void theSameSeedDamagesAlike() {
    for (int seed = 0; seed < 20; seed++) {
      byte[] once = new JsonDamage(new SplittableRandom(seed)).damaged(json(TEXT));
      assertThat(new JsonDamage(new SplittableRandom(seed)).damaged(json(TEXT))).isEqualTo(once);
    }
  }

  /** The length in front is right, and the data behind are as they were. */
  @Test
  void headersOfTensorsAreDamagedAndNothingElse() throws IOException {
    Sample sample = new Sample("x.safetensors", tensors(TEXT));
    Set<String> headers = new HashSet<>();
    for (int seed = 0; seed < CASES; seed++) {
      byte[] found = new JsonDamage(new SplittableRandom(seed)).damaged(sample);
      int length = (int) ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).getLong();
      assertThat(Arrays.copyOfRange(found, 8 + length, found.length)).isEqualTo(DATA);
      JsonNode header = MAPPER.readTree(found, 8, length);
      assertThat(header.isObject()).isTrue();
      headers.add(header.toString());
    }
    assertThat(headers).hasSizeGreaterThan(CASES / 3);
    assertThat(sample.bytes()).as("the sample itself").isEqualTo(tensors(TEXT));
  }

  @Test
  void whatHasNoMembersStaysAsItIs() throws IOException {
    for (String text : new String[] {"{}", "[]", "7", "\"x\""}) {
      assertThat(damaged(json(text), 1)).isEqualTo(MAPPER.readTree(text));
    }
  }

  @Test
  void aSampleThatIsNoJsonIsNamed() {
    assertThatThrownBy(() -> damaged(json("{"), 1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("config.json");
  }
}
