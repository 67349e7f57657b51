package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Options are values, and their text shows what differs. */
class SearchOptionsTest {
  @Test
  void textsShowWhatDiffers() {
    assertThat(SearchOptions.best(10)).hasToString("SearchOptions[limit=10]");
    assertThat(SearchOptions.best(200).withCandidates(500))
        .hasToString("SearchOptions[limit=200, candidates=500]");
    Map<String, String> fields = Map.of("album", "summer", "year", "2024", "place", "sea");
    assertThat(SearchOptions.best(10).withFilter(fields))
        .hasToString("SearchOptions[limit=10, filter={album=summer, place=sea, year=2024}]");
  }

  @Test
  void equalValuesAreEqualOptions() {
    assertThat(SearchOptions.best(10).withFilter(Map.of("a", "b")))
        .isEqualTo(SearchOptions.best(10).withFilter(Map.of("a", "b")))
        .isNotEqualTo(SearchOptions.best(10));
  }
}
