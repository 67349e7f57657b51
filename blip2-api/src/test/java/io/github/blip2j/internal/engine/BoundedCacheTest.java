package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.CacheStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The most recently used values stay, as many as the bound allows, and others are released. */
class BoundedCacheTest {
  private static final long MOST = 100;

  private final List<String> released = new ArrayList<>();

  /** A value's size is the number behind its name. */
  private final BoundedCache<String, String> cache =
      new BoundedCache<>(MOST, value -> Long.parseLong(value.split("-")[1]), released::add);

  @Test
  void theLeastRecentlyUsedMakesRoom() {
    cache.put("a", "a-40");
    cache.put("b", "b-40");
    assertThat(cache.find("a")).contains("a-40"); // now b is the oldest
    cache.put("c", "c-30");
    assertThat(released).containsExactly("b-40");
    assertThat(cache.find("b")).isEmpty();
    assertThat(cache.find("c")).contains("c-30");
    assertThat(cache.statistics()).isEqualTo(new CacheStatistics(2, 1, 1, 2, 70));
  }

  @Test
  void asManyGoAsAreInTheWay() {
    cache.put("a", "a-30");
    cache.put("b", "b-30");
    cache.put("c", "c-30");
    cache.put("d", "d-60");
    assertThat(released).containsExactly("a-30", "b-30");
    cache.put("e", "e-10"); // 100 are allowed
    assertThat(released).hasSize(2);
    assertThat(cache.statistics().bytes()).isEqualTo(MOST);
  }

  @Test
  void aValueThatIsTooLargeIsReleasedAndTheOthersStay() {
    cache.put("a", "a-40");
    cache.put("b", "b-101");
    assertThat(released).containsExactly("b-101");
    assertThat(cache.find("a")).contains("a-40");
    assertThat(cache.find("b")).isEmpty();
  }

  @Test
  void anotherValueOfAKeyReplacesTheFirst() {
    cache.put("a", "a-40");
    cache.put("a", "other-50");
    assertThat(released).containsExactly("a-40");
    assertThat(cache.find("a")).contains("other-50");
    assertThat(cache.statistics().evictions()).as("it was not in the way").isZero();
    assertThat(cache.statistics().bytes()).isEqualTo(50);
    cache.put("a", "large-101");
    assertThat(cache.find("a")).as("nothing old is kept for a key").isEmpty();
    assertThat(cache.statistics().bytes()).isZero();
  }

  @Test
  void usingIsFinding() {
    cache.put("a", "a-40");
    assertThat(cache.use("a", String::length)).contains(4);
    assertThat(cache.use("b", String::length)).isEmpty();
    assertThat(cache.statistics()).isEqualTo(new CacheStatistics(1, 1, 0, 1, 40));
  }

  @Test
  void whatIsRemovedIsReleasedAndMakesRoom() {
    cache.put("a", "a-60");
    cache.put("b", "b-40");
    cache.remove("a");
    cache.remove("a");
    cache.remove("c");
    assertThat(released).containsExactly("a-60");
    cache.put("d", "d-60");
    assertThat(cache.find("b")).contains("b-40");
    assertThat(cache.statistics()).isEqualTo(new CacheStatistics(1, 0, 0, 2, MOST));
  }

  @Test
  void clearingReleasesEverythingOnce() {
    cache.put("a", "a-40");
    cache.put("b", "b-40");
    cache.clear();
    cache.clear();
    assertThat(released).containsExactlyInAnyOrder("a-40", "b-40");
    assertThat(cache.statistics().bytes()).isZero();
    assertThat(cache.statistics().entries()).isZero();
  }

  @Test
  void aBoundOfNothingIsOff() {
    assertThat(cache.on()).isTrue();
    assertThat(new BoundedCache<String, String>(0, v -> 1, released::add).on()).isFalse();
  }

  /** Whatever happens: each value is held once or released once, and the bound is kept. */
  @Test
  void nothingIsLostOrReleasedTwice() {
    SplittableRandom random = new SplittableRandom(4);
    Map<String, Integer> put = new HashMap<>();
    LinkedHashMap<String, String> expected = new LinkedHashMap<>(16, 0.75f, true);
    for (int i = 0; i < 2000; i++) {
      String key = "k" + random.nextInt(12);
      if (random.nextInt(3) == 0) {
        assertThat(cache.find(key)).isEqualTo(java.util.Optional.ofNullable(expected.get(key)));
      } else {
        String value = i + "-" + random.nextInt(1, 60);
        put.put(value, 1);
        cache.put(key, value);
        expected.put(key, value);
        while (sum(expected) > MOST) {
          expected.remove(expected.keySet().iterator().next());
        }
      }
    }
    assertThat(cache.statistics().entries()).isEqualTo(expected.size());
    assertThat(cache.statistics().bytes()).isEqualTo(sum(expected));
    assertThat(released).doesNotHaveDuplicates().hasSize(put.size() - expected.size());
  }

  private static long sum(Map<String, String> values) {
    return values.values().stream().mapToLong(v -> Long.parseLong(v.split("-")[1])).sum();
  }
}
