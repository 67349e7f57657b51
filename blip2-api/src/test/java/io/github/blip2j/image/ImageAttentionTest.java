package io.github.blip2j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.image.ImageAttention.Size;
import org.junit.jupiter.api.Test;

/**
 * Maps of weights that are worked by hand: 2 blocks of 1 head, 2 queries, class vector and 2 × 2.
 */
class ImageAttentionTest {
  private static final Size SIZE = new Size(2, 1, 2, 2);
  private static final float[] WEIGHTS = {
    0,
    1,
    0,
    0,
    0, // block 0: query 0 looks at the first patch alone,
    0.5f,
    0,
    0.5f,
    0,
    0, // query 1 at the class vector and the second
    0,
    0,
    0,
    0,
    1, // block 1: query 0 at the last,
    0.2f,
    0.2f,
    0.2f,
    0.2f,
    0.2f // query 1 at everything
  };

  private final ImageAttention attention = new ImageAttention(SIZE, WEIGHTS);

  @Test
  void theMapIsTheMeanWithoutTheClassVector() {
    assertThat(attention.map()[0]).containsExactly(0.3f, 0.175f);
    assertThat(attention.map()[1]).containsExactly(0.05f, 0.3f);
  }

  @Test
  void blocksAndQueriesHaveMapsOfTheirOwn() {
    assertThat(attention.mapOfLayer(0)[0]).containsExactly(0.5f, 0.25f);
    assertThat(attention.mapOfLayer(0)[1]).containsExactly(0, 0);
    assertThat(attention.mapOfLayer(1)[1]).containsExactly(0.1f, 0.6f);
    assertThat(attention.mapOfQuery(0)[0]).containsExactly(0.5f, 0);
    assertThat(attention.mapOfQuery(1)[0]).containsExactly(0.1f, 0.35f);
  }

  /** Weights are (L, H, Q, N), heads outside queries: the mean is over all heads of one query. */
  @Test
  void headsAreOutsideQueries() {
    float[] weights = {0, 1, 0, 0.5f, 0, 0, 0, 0.25f}; // 1 block, 2 heads, 2 queries, N = 2
    ImageAttention two = new ImageAttention(new Size(1, 2, 2, 1), weights);
    assertThat(two.mapOfQuery(0)[0]).containsExactly(0.5f);
    assertThat(two.mapOfQuery(1)[0]).containsExactly(0.375f);
    assertThat(two.map()[0]).containsExactly(0.4375f);
  }

  @Test
  void nobodyChangesItsWeights() {
    float[] given = WEIGHTS.clone();
    ImageAttention kept = new ImageAttention(SIZE, given);
    given[1] = 9;
    kept.weights()[1] = 9;
    assertThat(kept.weights()).isEqualTo(WEIGHTS);
    assertThat(kept.map()).isDeepEqualTo(attention.map());
  }

  @Test
  void wrongSizesAndPlacesAreRefusedWithWhatWasExpected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageAttention(SIZE, new float[19]))
        .withMessageContaining("expected 20")
        .withMessageContaining("found 19");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> attention.mapOfLayer(2))
        .withMessage("layer: expected 0 to 1, found 2");
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> attention.mapOfQuery(-1))
        .withMessage("query: expected 0 to 1, found -1");
  }

  @Test
  void itsTextHasItsSizesAlone() {
    assertThat(attention)
        .hasToString("ImageAttention[2 layers, 1 heads, 2 queries, 2 × 2 patches]");
  }
}
