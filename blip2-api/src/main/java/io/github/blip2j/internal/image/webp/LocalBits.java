package io.github.blip2j.internal.image.webp;

/**
 * The state of a {@link BoolDecoder} for the length of a block: an object that never leaves the
 * method that made it, so that the compiler keeps its fields in registers. It must be given back
 * before anything else is decoded, and taken again behind that.
 */
final class LocalBits {
  private final BoolDecoder in;
  private long value;
  private int spare;
  private int range;

  LocalBits(BoolDecoder in) {
    this.in = in;
    take();
  }

  /** Goes on from the decoder's state. */
  void take() {
    value = in.value;
    spare = in.spare;
    range = in.range;
  }

  /** Brings the decoder up to this state. */
  BoolDecoder give() {
    return in.set(value, spare, range);
  }

  /**
   * Decodes one bit.
   *
   * @param probability that it is 0, in 256ths
   * @return whether it is 1
   */
  boolean one(int probability) {
    if (spare < 0) {
      load();
    }
    int split = 1 + ((range - 1) * probability >> 8);
    long bound = (long) split << spare;
    boolean one = value >= bound;
    if (one) {
      value -= bound;
      split = range - split;
    }
    narrow(split);
    return one;
  }

  /** Decodes a sign, as likely one as the other, without a branch; the number with it. */
  int withSign(int magnitude) {
    if (spare < 0) {
      load();
    }
    int split = range + 1 >> 1;
    long bound = (long) split << spare;
    long minus = bound - 1 - value >> 63; // all ones, or 0
    value -= bound & minus;
    narrow(split - (2 * split - range & (int) minus));
    return (magnitude ^ (int) minus) - (int) minus;
  }

  /** Makes a part of the range from 128 to 255 again. */
  private void narrow(int part) {
    int shift = Integer.numberOfLeadingZeros(part) - 24;
    range = part << shift;
    spare -= shift;
  }

  private void load() {
    give().load();
    take();
  }
}
