package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import io.github.blip2j.internal.image.jpeg.JpegScan.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG file whose markers have been read and whose pixels can be decoded: what Pillow shows of
 * it, to the last bit, whatever the machine and the JDK. Immutable, safe for any number of threads.
 */
public final class JpegFile {
  private final byte[] data;
  private final JpegFrame frame;
  private final JpegColors.Space space;
  private final List<JpegScan> scans;
  private final int[] @Nullable [] quantization;

  JpegFile(
      byte[] data,
      JpegFrame frame,
      JpegColors.Space space,
      List<JpegScan> scans,
      int[] @Nullable [] quantization) {
    this.data = data;
    this.frame = frame;
    this.space = space;
    this.scans = List.copyOf(scans);
    this.quantization = quantization;
  }

  /**
   * Reads the markers of a file.
   *
   * @param data the whole file, which is not copied and must not change
   * @return the file, not yet decoded
   * @throws IOException when it is damaged, cut short, of a kind that libjpeg does not read, or so
   *     made that decoding it would take very long
   */
  public static JpegFile of(byte[] data) throws IOException {
    return JpegMarkers.read(data, null, new JpegLimits());
  }

  /**
   * Pixels in a row.
   *
   * @return at least 1
   */
  public int width() {
    return frame.width();
  }

  /**
   * Rows.
   *
   * @return at least 1
   */
  public int height() {
    return frame.height();
  }

  /**
   * Decodes the pixels.
   *
   * @return (height, width, 3): red, green and blue, 0 to 255
   * @throws IOException when the coded data are damaged or end too early
   */
  public byte[] rgb() throws IOException {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width(), height()))];
    List<ScanRows> decoders = decoders(scans);
    BlockSmoothing[] smoothing = smoothing();
    try (RowGroups groups =
        new RowGroups(frame, () -> new JpegOutput(frame, space, quantization, rgb))) {
      for (int mcuRow = 0; mcuRow < frame.mcuRows(); mcuRow++) {
        CoefficientRow[] rows = groups.next();
        decode(decoders, rows, mcuRow);
        for (int i = 0; i < smoothing.length; i++) {
          smoothing[i].smooth(rows[i], mcuRow);
        }
      }
      groups.finish();
    }
    return rgb;
  }

  private static void decode(List<ScanRows> decoders, CoefficientRow[] rows, int mcuRow)
      throws IOException {
    for (CoefficientRow row : rows) {
      row.clear();
    }
    for (ScanRows decoder : decoders) {
      decoder.decode(rows, mcuRow);
    }
  }

  /** By component; none when the image is not smoothed. Decodes all DC coefficients once. */
  private BlockSmoothing[] smoothing() throws IOException {
    if (!BlockSmoothing.applies(frame, scans, quantization)) {
      return new BlockSmoothing[0];
    }
    CoefficientRow[] rows = CoefficientRow.of(frame);
    DcRows[] dc = new DcRows[rows.length];
    for (int i = 0; i < rows.length; i++) {
      dc[i] = new DcRows(rows[i].wide, frame.components().get(i).v(), frame.mcuRows());
    }
    List<ScanRows> decoders = decoders(scans.stream().filter(scan -> scan.band().dc()).toList());
    for (int mcuRow = 0; mcuRow < frame.mcuRows(); mcuRow++) {
      decode(decoders, rows, mcuRow);
      for (int i = 0; i < rows.length; i++) {
        dc[i].keep(rows[i], mcuRow);
      }
    }
    BlockSmoothing[] smoothing = new BlockSmoothing[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int[] table = Objects.requireNonNull(quantization[i]); // or the image were not smoothed
      int[] precision = BlockSmoothing.precision(scans, i);
      Component component = frame.components().get(i);
      smoothing[i] = new BlockSmoothing(frame, component, table, dc[i], precision);
    }
    return smoothing;
  }

  private List<ScanRows> decoders(List<JpegScan> of) {
    List<ScanRows> decoders = new ArrayList<>();
    for (JpegScan scan : of) {
      decoders.add(new ScanRows(frame, scan, blocks(scan)));
    }
    return decoders;
  }

  private BlockDecoder blocks(JpegScan scan) {
    if (frame.coding().arithmetic) {
      return new ArithmeticBlocks(new ArithmeticBits(data, scan.start(), scan.end()), scan);
    }
    EntropyBits bits = new EntropyBits(data, scan.start(), scan.end());
    HuffmanTable[] dc = new HuffmanTable[scan.parts().size()];
    HuffmanTable[] ac = new HuffmanTable[dc.length];
    for (int i = 0; i < dc.length; i++) {
      dc[i] = codes(scan.parts().get(i).dc());
      ac[i] = codes(scan.parts().get(i).ac());
    }
    if (!frame.coding().progressive) {
      return new SequentialBlocks(bits, dc, ac);
    }
    return new ProgressiveBlocks(bits, scan.band().dc() ? dc : ac, scan.band(), dc.length);
  }

  private static HuffmanTable codes(Table table) {
    return table instanceof Table.Huffman huffman ? huffman.codes() : HuffmanTable.EMPTY;
  }
}
