package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code attention}: what it prints is what the library says. */
class AttentionCommandTest {
  private static final String OPT = Fixtures.directory("tiny-opt").toString();
  private static final String ITM = Fixtures.directory("tiny-itm").toString();
  private static final Path IMAGE = Fixtures.image("portrait.png");

  @Test
  void theGridIsDarkestWhereTheMapIsLargest() {
    Run run = Run.of("attention", "--model", OPT, IMAGE.toString());
    assertThat(run.status()).as(run.err()).isZero();
    List<String> rows = run.out().lines().toList();
    assertThat(rows).hasSize(4).allMatch(row -> row.length() == 8);
    float[][] map;
    try (Blip2 blip2 = Blip2.load(OPT)) {
      map = blip2.attention(ImageSource.of(IMAGE)).map();
    }
    int found = 0;
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 4; x++) {
        if (rows.get(y).charAt(2 * x) == '@') {
          assertThat(map[y][x]).isGreaterThan(0.9f * largest(map));
          found++;
        }
        assertThat(rows.get(y).charAt(2 * x)).isEqualTo(rows.get(y).charAt(2 * x + 1));
      }
    }
    assertThat(found).isPositive();
  }

  private static float largest(float[][] map) {
    float most = 0;
    for (float[] row : map) {
      for (float cell : row) {
        most = Math.max(most, cell);
      }
    }
    return most;
  }

  @Test
  void jsonHasTheMapsAsNumbers() throws java.io.IOException {
    Run run = Run.of("attention", "--json", "--model", ITM, "--text", "a rocket", IMAGE.toString());
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode found = run.json().get(0);
    ImageAttention expected;
    try (Blip2 blip2 = Blip2.load(ITM)) {
      expected = blip2.attention(ImageSource.of(IMAGE), "a rocket");
    }
    assertThat(found.get("text").asText()).isEqualTo("a rocket");
    assertThat(found.get("layers")).hasSize(2);
    assertThat(found.at("/map/2/1").floatValue()).isEqualTo(expected.map()[2][1]);
    assertThat(found.at("/layers/1/3/0").floatValue()).isEqualTo(expected.mapOfLayer(1)[3][0]);
  }

  @Test
  void aTextThatNobodyReadsIsAFailure() {
    Run run = Run.of("attention", "--model", OPT, "--text", "a", IMAGE.toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("found one that reads images alone");
  }
}
