package io.github.blip2j.internal.decoding;

import java.util.Arrays;

/** Selection among a vocabulary's numbers without sorting them all. */
final class Largest {
  /** Up to so many are kept in a heap; it is rarely touched once it is full. */
  private static final int HEAP = 512;

  private Largest() {}

  /**
   * The largest value, what is no number left out: a comparison, since {@code Math.max} is a chain
   * of waits.
   */
  static float of(float[] values) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float v : values) {
      if (v > largest) {
        largest = v;
      }
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
   * hold {@code mass}: quickselect by weight, linear in the number of keys.
   *
   * @param floor keys whose weight is not above it are known to be unneeded
   * @return negative infinity if all weights above the floor together hold less
   */
  static float holding(float[] keys, float[] weights, double mass, float floor) {
    int[] order = new int[keys.length];
    int count = 0;
    for (int i = 0; i < keys.length; i++) {
      if (weights[i] > floor) {
        order[count++] = i;
      }
    }
    int from = 0;
    int to = count;
    double held = 0;
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
      }
    }
    return Float.NEGATIVE_INFINITY;
  }

  private static double weight(float[] weights, int[] order, int from, int to) {
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
