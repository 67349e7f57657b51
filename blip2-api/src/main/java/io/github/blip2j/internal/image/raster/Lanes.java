package io.github.blip2j.internal.image.raster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Four small numbers in a long, 16 bits each, the first lowest. Sums, differences and products with
 * a number are those of the longs, as long as what is negative is not looked at: a negative number
 * borrows from the next lane until something is added that makes all four positive again.
 */
public final class Lanes {
  /** One in each lane; times a number, that number in each lane. */
  public static final long ONE = 0x0001_0001_0001_0001L;

  /** The first byte of each lane; also every second byte of eight. */
  public static final long BYTES = 255 * ONE;

  private static final int FLAG = 14; // the bit that says that a lane is not negative
  private static final long ZERO = ONE << FLAG;
  private static final long OVER = ZERO - 256 * ONE; // makes 256 and more reach bit 15

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long EVEN = 0x0000_ffff_0000_ffffL; // lanes

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Lanes() {}

  /** Eight bytes, the first lowest. */
  public static long load(byte[] from, int at) {
    return (long) LONG.get(from, at);
  }

  /** Writes eight bytes, the first lowest. */
  public static void store(byte[] to, int at, long bytes) {
    LONG.set(to, at, bytes);
  }

  /** Four bytes, the first lowest. */
  public static long loadFour(byte[] from, int at) {
    return (int) INT.get(from, at) & 0xffff_ffffL;
  }

  /** Writes four bytes, the first lowest. */
  public static void storeFour(byte[] to, int at, int bytes) {
    INT.set(to, at, bytes);
  }

  /** Flags of the lanes in which a number lies between -limit and limit, both below 2^13. */
  public static long within(long numbers, int limit) {
    long most = ZERO + limit * ONE;
    return most + numbers & most - numbers;
  }

  /** Flags of the lanes in which a number is not negative; all between -2^14 and 2^14. */
  public static long positive(long numbers) {
    return numbers + ZERO;
  }

  /** 255 where a lane's flag is set, 0 elsewhere. */
  public static long mask(long flags) {
    long set = flags >>> FLAG & ONE;
    return (set << 8) - set;
  }

  /** Numbers between -2^13 and 2^13, those below 0 made 0 and those above 255 made 255. */
  public static long clip(long numbers) {
    long positive = numbers + ZERO;
    long over = positive + OVER >>> 15 & ONE;
    return (positive | (over << 8) - over) & mask(positive);
  }

  /** {@code a} where the mask is 255, {@code b} where it is 0; both 0 to 255. */
  public static long select(long mask, long a, long b) {
    return b ^ (a ^ b) & mask;
  }

  /** The first and third lanes of a and b, in turns. */
  public static long even(long a, long b) {
    return a & EVEN | (b & EVEN) << 16;
  }

  /** The second and fourth lanes of a and b, in turns. */
  public static long odd(long a, long b) {
    return a >>> 16 & EVEN | b & ~EVEN;
  }
}
