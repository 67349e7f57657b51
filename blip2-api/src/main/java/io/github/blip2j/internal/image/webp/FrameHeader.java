package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.util.Arrays;

/**
 * The header of a VP8 key frame (RFC 6386, sections 9.2 to 9.11 and 19.2). The header's own
 * partition goes on with the macroblocks' modes.
 *
 * @param modes the first partition, behind the header
 * @param tokens the partitions with coefficients; row r of macroblocks is in partition r modulo
 *     their number
 * @param segments which macroblocks have which settings
 * @param filter settings of the loop filter
 * @param quantizers factors of the coefficients
 * @param probabilities of coefficients, (type, band, context, node), section 13.4
 * @param skip how likely a macroblock is said to have coefficients, in 256ths; -1 where that is not
 *     said
 */
record FrameHeader(
    BoolDecoder modes,
    BoolDecoder[] tokens,
    Segments segments,
    FilterSettings filter,
    Quantizers quantizers,
    int[] probabilities,
    int skip) {
  private static final int TAG = 10; // bytes in front of the first partition

  /** Reads the header. */
  static FrameHeader read(Span image) throws IOException {
    int length = image.u24(0) >> 5;
    Span rest = image.from(TAG);
    if (length > rest.length()) {
      throw new IOException(
          "VP8: expected a first partition of " + length + " bytes, found " + rest.length());
    }
    BoolDecoder in = new BoolDecoder(rest.first(length));
    in.number(2); // colour space and clamping, which libwebp does not look at
    Segments segments = Segments.read(in);
    FilterSettings filter = FilterSettings.read(in, segments);
    if (in.damaged()) {
      throw new IOException("VP8: expected a header of segments and filters, found damage");
    }
    BoolDecoder[] tokens = partitions(rest.from(length), 1 << in.number(2));
    Quantizers quantizers = Quantizers.read(in, segments);
    in.flag(); // whether probabilities are kept for later frames
    int[] probabilities = probabilities(in);
    int skip = in.flag() ? in.number(8) : -1;
    return new FrameHeader(in, tokens, segments, filter, quantizers, probabilities, skip);
  }

  /** Section 9.5: lengths of all partitions but the last, then the partitions. */
  private static BoolDecoder[] partitions(Span data, int count) throws IOException {
    int lengths = 3 * (count - 1);
    if (data.length() <= lengths) {
      throw new IOException(
          "VP8: expected " + count + " partitions, found " + data.length() + " bytes");
    }
    Span rest = data.from(lengths);
    BoolDecoder[] partitions = new BoolDecoder[count];
    for (int i = 0; i < count - 1; i++) {
      Span part = rest.first(data.u24(3 * i));
      partitions[i] = new BoolDecoder(part);
      rest = rest.from(part.length());
    }
    if (rest.length() == 0) {
      throw new IOException("VP8: expected " + count + " partitions, found an empty last one");
    }
    partitions[count - 1] = new BoolDecoder(rest);
    return partitions;
  }

  private static int[] probabilities(BoolDecoder in) {
    int[] probabilities =
        Arrays.copyOf(CoefficientDefaults.TABLE, CoefficientDefaults.TABLE.length);
    for (int i = 0; i < probabilities.length; i++) {
      if (in.bit(CoefficientUpdates.TABLE[i]) == 1) {
        probabilities[i] = in.number(8);
      }
    }
    return probabilities;
  }
}
