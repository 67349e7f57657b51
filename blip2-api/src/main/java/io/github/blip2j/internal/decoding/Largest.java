package io.github.blip2j.internal.decoding;

import java.util.Arrays;

/** Selection among a vocabulary's numbers without sorting them all. */
final class Largest {
  /** Up to so many are kept in a heap; it is rarely touched once it is full. */
  private static final int HEAP = 512;

  private static final int BUCKET_BITS = 13;

  private Largest() {}

  /** The largest value; no number, if one is none. */
  static float of(float[] values) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) { // as plain as this, it becomes vector instructions
      largest = Math.max(largest, values[i]);
    }
    return largest;
  }

  /** The k-th largest value; the smallest if there are fewer. */
  static float kth(float[] values, int k) {
    if (k == 1) {
      return of(values);
    }
    if (k > HEAP) {
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      return sorted[Math.max(0, sorted.length - k)];
    }
    float[] heap = Arrays.copyOf(values, Math.min(k, values.length));
    Arrays.sort(heap); // ascending order is a heap with the smallest on top
    for (int i = heap.length; i < values.length; i++) {
      if (values[i] > heap[0]) {
        heap[0] = values[i];
        sift(heap);
      }
    }
    return heap[0];
  }

  private static void sift(float[] heap) {
    int at = 0;
    while (2 * at + 1 < heap.length) {
      int child = 2 * at + 1;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[at] <= heap[child]) {
        return;
      }
      float swap = heap[at];
      heap[at] = heap[child];
      heap[child] = swap;
      at = child;
    }
  }

  /**
   * The smallest key that is needed when keys are taken from the largest on until their weights
   * hold {@code mass}. A histogram by the keys' upper bits finds the stretch in which it lies, in
   * one pass; quickselect by weight finds it there.
   *
   * @param weights none negative
   * @param least keys of less weight are left out, where it is known that they are not needed
   * @param order room for as many integers as there are keys; what is in it does not matter
   * @return negative infinity if all weights together hold less
   */
  static float holding(float[] keys, double[] weights, double mass, double least, int[] order) {
    int candidates = 0;
    for (int i = 0; i < keys.length; i++) {
      order[candidates] = i; // written always, so that nothing waits for the comparison
      candidates += weights[i] >= least ? 1 : 0;
    }
    double[] even = new double[1 << BUCKET_BITS];
    double[] odd = new double[1 << BUCKET_BITS]; // so that neighbours do not wait for one sum
    for (int i = 0; i + 1 < candidates; i += 2) {
      even[bucket(keys[order[i]])] += weights[order[i]];
      odd[bucket(keys[order[i + 1]])] += weights[order[i + 1]];
    }
    if (candidates % 2 == 1) {
      odd[bucket(keys[order[candidates - 1]])] += weights[order[candidates - 1]];
    }
    double held = 0;
    int last = even.length - 1;
    while (last >= 0 && held + even[last] + odd[last] < mass) {
      held += even[last] + odd[last];
      last--;
    }
    int count = 0;
    for (int i = 0; i < candidates; i++) {
      int index = order[i];
      order[count] = index;
      count += bucket(keys[index]) == last ? 1 : 0;
    }
    return select(keys, weights, order, count, mass - held);
  }

  /** Upper bits of a float, in the order of the numbers: sign, exponent, four bits of mantissa. */
  private static int bucket(float key) {
    int bits = Float.floatToRawIntBits(key);
    int ordered = bits ^ bits >> 31 & Integer.MAX_VALUE;
    return (ordered >> Integer.SIZE - BUCKET_BITS) + (1 << BUCKET_BITS - 1);
  }

  /** Quickselect by weight among the first indices of {@code order}, linear in their number. */
  private static float select(float[] keys, double[] weights, int[] order, int count, double mass) {
    int from = 0;
    int to = count;
    double held = 0;
    float smallest = Float.NEGATIVE_INFINITY;
    while (from < to) {
      float pivot = median(keys, order, from, to);
      int[] cut = partition(keys, order, from, to, pivot);
      double above = weight(weights, order, from, cut[0]);
      double equal = weight(weights, order, cut[0], cut[1]);
      if (held + above >= mass) {
        to = cut[0];
      } else if (held + above + equal >= mass) {
        return pivot;
      } else {
        held += above + equal;
        from = cut[1];
        smallest = pivot; // the answer, if rounding leaves nothing behind it
      }
    }
    return smallest;
  }

  private static double weight(double[] weights, int[] order, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += weights[order[i]];
    }
    return sum;
  }

  private static float median(float[] keys, int[] order, int from, int to) {
    float a = keys[order[from]];
    float b = keys[order[from + (to - from) / 2]];
    float c = keys[order[to - 1]];
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  /** Puts larger ones first, then equal ones, then smaller ones; gives where the last two begin. */
  private static int[] partition(float[] keys, int[] order, int from, int to, float pivot) {
    int larger = from;
    int at = from;
    int smaller = to;
    while (at < smaller) {
      float key = keys[order[at]];
      if (key > pivot) {
        swap(order, at++, larger++);
      } else if (key < pivot) {
        swap(order, at, --smaller);
      } else {
        at++;
      }
    }
    return new int[] {larger, smaller};
  }

  private static void swap(int[] order, int a, int b) {
    int kept = order[a];
    order[a] = order[b];
    order[b] = kept;
  }
}
