package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.stage.CacheLayout;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyValueCacheTest {
  private static final CacheLayout LAYOUT = new CacheLayout(2, 3, 8);
  private static final int CAPACITY = 5;
  private static final int ROW = 3 * CAPACITY * 8; // numbers
  private static final String[] KINDS = {"key", "value"};

  private final KeyValueCache cache = new KeyValueCache(LAYOUT, OnnxJavaType.FLOAT, 2, CAPACITY);

  @AfterEach
  void close() {
    cache.close();
  }

  private static OnnxTensor tensor(KeyValueCache cache, String kind, int layer) {
    return Objects.requireNonNull(cache.inputs().get(StepNames.STEP.past(kind, layer)));
  }

  /** The memory itself, not a copy. */
  private static FloatBuffer numbers(KeyValueCache cache, String kind, int layer) {
    Buffer buffer = tensor(cache, kind, layer).getBufferRef().orElseThrow();
    return buffer instanceof ByteBuffer bytes
        ? bytes.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer()
        : (FloatBuffer) buffer;
  }

  private static float number(String kind, int layer, int index) {
    return (kind.equals("key") ? 0.25f : 0.5f) + 1000 * layer + index;
  }

  private void fill() {
    for (int layer = 0; layer < LAYOUT.layers(); layer++) {
      for (String kind : KINDS) {
        FloatBuffer all = numbers(cache, kind, layer);
        for (int i = 0; i < 2 * ROW; i++) {
          all.put(i, number(kind, layer, i));
        }
      }
    }
  }

  private void assertFilled() {
    for (int layer = 0; layer < LAYOUT.layers(); layer++) {
      for (String kind : KINDS) {
        FloatBuffer all = numbers(cache, kind, layer);
        for (int i = 0; i < 2 * ROW; i++) {
          assertThat(all.get(i)).as(kind).isEqualTo(number(kind, layer, i));
        }
      }
    }
  }

  @Test
  void moreRowsKeepWhatIsThere() {
    fill();
    cache.reserve(3);
    assertFilled();
    cache.copy(0, 2, 1, CAPACITY);
    cache.rows(3);
    assertThat(tensor(cache, "key", 0).getInfo().getShape()).containsExactly(3, 3, CAPACITY, 8);
    FloatBuffer values = numbers(cache, "value", 1);
    assertThat(values.get(2 * ROW + 8)).isEqualTo(number("value", 1, 8));
    assertThat(values.get(2 * ROW)).as("its first position was not copied").isZero();
  }

  @Test
  void rowsForWhichThereIsNoMemoryChangeNothing() {
    fill();
    assertThatThrownBy(() -> cache.reserve(Integer.MAX_VALUE))
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining("cannot be allocated");
    assertFilled();
    cache.reserve(4);
    assertFilled();
  }
}
