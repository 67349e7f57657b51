package io.github.blip2j.bench.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages a file: bits, bytes, lengths, pieces; and the values of JSON where there is JSON. */
final class Damage {
  private static final int MOST_STEPS = 4;
  private static final long[] TELLING = {
    0,
    1,
    2,
    3,
    7,
    8,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    Integer.MAX_VALUE,
    1L << 31,
    -1
  };

  private final SplittableRandom random;

  Damage(SplittableRandom random) {
    this.random = random;
  }

  /** The file of a case, which follows from these three alone. */
  static byte[] ofCase(long seed, long number, List<Sample> samples, Sample chosen) {
    SplittableRandom random = randomOf(seed, number);
    random.nextInt(); // the choice of the sample
    return new Damage(random).damaged(samples, chosen);
  }

  static Sample sampleOf(long seed, long number, List<Sample> samples) {
    return samples.get(Math.floorMod(randomOf(seed, number).nextInt(), samples.size()));
  }

  private static SplittableRandom randomOf(long seed, long number) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
  }

  private byte[] damaged(List<Sample> samples, Sample sample) {
    byte[] bytes = sample.bytes();
    if (random.nextInt(2) == 0 && JsonDamage.fits(sample)) {
      bytes = new JsonDamage(random).damaged(sample);
      if (random.nextInt(4) != 0) {
        return bytes;
      }
    }
    for (int steps = 1 + random.nextInt(MOST_STEPS); steps > 0; steps--) {
      bytes = step(bytes, samples);
    }
    return bytes;
  }

  private byte[] step(byte[] bytes, List<Sample> samples) {
    if (bytes.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    return switch (random.nextInt(10)) {
      case 0, 1 -> flipped(bytes);
      case 2 -> overwritten(bytes);
      case 3, 4 -> number(bytes);
      case 5 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 6 -> without(bytes);
      case 7 -> repeated(bytes);
      case 8 -> zeroed(bytes);
      default -> spliced(bytes, samples.get(random.nextInt(samples.size())).bytes());
    };
  }

  /** A place in the file; half of them in its beginning, where headers are. */
  private int place(byte[] bytes) {
    int range = random.nextBoolean() ? Math.min(bytes.length, 64) : bytes.length;
    return random.nextInt(range);
  }

  private int length(byte[] bytes, int from) {
    int most = bytes.length - from;
    return random.nextBoolean() ? random.nextInt(most + 1) : Math.min(most, random.nextInt(16));
  }

  private byte[] flipped(byte[] bytes) {
    byte[] copy = bytes.clone();
    copy[place(bytes)] ^= (byte) (1 << random.nextInt(8));
    return copy;
  }

  private byte[] overwritten(byte[] bytes) {
    byte[] copy = bytes.clone();
    int from = place(bytes);
    for (int i = Math.min(bytes.length, from + 1 + random.nextInt(8)) - 1; i >= from; i--) {
      copy[i] = (byte) random.nextInt();
    }
    return copy;
  }

  /** A number of one, two, four or eight bytes, in either order. */
  private byte[] number(byte[] bytes) {
    byte[] copy = bytes.clone();
    int from = place(bytes);
    int width = 1 << random.nextInt(4);
    long value = TELLING[random.nextInt(TELLING.length)];
    boolean big = random.nextBoolean();
    for (int i = 0; i < width && from + i < copy.length; i++) {
      copy[from + i] = (byte) (value >> 8 * (big ? width - 1 - i : i));
    }
    return copy;
  }

  private byte[] without(byte[] bytes) {
    int from = place(bytes);
    return replaced(bytes, from, length(bytes, from), new byte[0]);
  }

  private byte[] repeated(byte[] bytes) {
    int from = place(bytes);
    byte[] piece = Arrays.copyOfRange(bytes, from, from + length(bytes, from));
    byte[] twice = Arrays.copyOf(piece, 2 * piece.length);
    System.arraycopy(piece, 0, twice, piece.length, piece.length);
    return replaced(bytes, from, piece.length, twice);
  }

  private byte[] zeroed(byte[] bytes) {
    byte[] copy = bytes.clone();
    int from = place(bytes);
    Arrays.fill(copy, from, from + length(bytes, from), (byte) (random.nextBoolean() ? 0 : -1));
    return copy;
  }

  private byte[] spliced(byte[] bytes, byte[] other) {
    int from = place(bytes);
    int start = random.nextInt(other.length);
    byte[] piece = Arrays.copyOfRange(other, start, start + length(other, start));
    return replaced(bytes, from, Math.min(piece.length, bytes.length - from), piece);
  }

  private static byte[] replaced(byte[] bytes, int from, int length, byte[] piece) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + piece.length);
    out.write(bytes, 0, from);
    out.writeBytes(piece);
    out.write(bytes, from + length, bytes.length - from - length);
    return out.toByteArray();
  }
}
