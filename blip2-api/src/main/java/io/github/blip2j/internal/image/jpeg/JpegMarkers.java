package io.github.blip2j.internal.image.jpeg;

import io.github.blip2j.internal.image.jpeg.JpegFrame.Coding;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import io.github.blip2j.internal.image.jpeg.JpegScan.Band;
import io.github.blip2j.internal.image.jpeg.JpegScan.Part;
import io.github.blip2j.internal.image.jpeg.JpegScan.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the markers of a whole file (T.81, annex B), and refuses what libjpeg (jdmarker.c,
 * jdinput.c) or Pillow's own walk to the first scan (JpegImagePlugin.py) refuse. Between segments,
 * bytes that are no marker are skipped, as both do.
 */
final class JpegMarkers {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int LONGEST_SIDE = 65_500; // jmorecfg.h, JPEG_MAX_DIMENSION

  private final byte[] data;
  private final JpegColors.@Nullable Space known;
  private final JpegTables tables = new JpegTables();
  private final JpegLimits limits;
  private final List<JpegScan> scans = new ArrayList<>();
  private int at = 2;
  private @Nullable JpegFrame frame;
  private int[] @Nullable [] quantization = {}; // by component; null until a scan has used one
  private JpegColors.@Nullable Space space;
  private int restartInterval;
  private boolean jfif;
  private int adobe = -1; // transform of the Adobe segment, -1 without one

  private JpegMarkers(byte[] data, JpegColors.@Nullable Space known, JpegLimits limits) {
    this.data = data;
    this.known = known;
    this.limits = limits;
  }

  /**
   * Reads a file that begins with a start of image.
   *
   * @param data the file
   * @param known what the components mean; null where the file has to say it
   * @param limits of its scans
   * @throws IOException when it is damaged, cut short, or of a kind that cannot be decoded
   */
  static JpegFile read(byte[] data, JpegColors.@Nullable Space known, JpegLimits limits)
      throws IOException {
    JpegMarkers markers = new JpegMarkers(data, known, limits);
    if (data.length < 4 || (data[0] & 0xff) != 0xff || (data[1] & 0xff) != SOI) {
      throw new IOException("the start of image is missing");
    }
    while (markers.segment()) {}
    JpegFrame frame = markers.frame;
    JpegColors.Space space = markers.space;
    if (frame == null || space == null) {
      throw new IOException("there is no scan");
    }
    return new JpegFile(data, frame, space, markers.scans, markers.quantization);
  }

  /** Reads one segment; false when it was the end of the image. */
  private boolean segment() throws IOException {
    int marker = nextMarker();
    if (marker == EOI) {
      return endsTablesOnly();
    }
    if (marker >= 0xd0 && marker <= 0xd7 || marker == 0x01 && !scans.isEmpty()) {
      return true; // no parameters; Pillow refuses 0x01 before a scan
    }
    Segment segment = parameters(marker);
    switch (marker) {
      case 0xc0, 0xc1 -> frame(segment, Coding.BASELINE);
      case 0xc2 -> frame(segment, Coding.PROGRESSIVE);
      case 0xc9 -> frame(segment, Coding.ARITHMETIC);
      case 0xca -> frame(segment, Coding.ARITHMETIC_PROGRESSIVE);
      case 0xc4 -> tables.defineHuffman(segment);
      case 0xcc -> tables.defineConditioning(segment);
      case 0xdb -> tables.defineQuantization(segment);
      case 0xdd -> restartInterval = segment.left() == 2 ? segment.readTwo() : unusual(marker);
      case SOS -> scan(segment);
      case 0xe0 -> jfif |= segment.left() >= 14 && segment.startsWith("JFIF\0");
      case 0xee -> {
        if (segment.left() >= 12 && segment.startsWith("Adobe")) {
          adobe = segment.peek(11);
        }
      }
      default -> {
        boolean application = marker >= 0xe1 && marker <= 0xef;
        if (!application && marker != 0xfe && marker != 0xdc) {
          unusual(marker);
        }
      }
    }
    return true;
  }

  private static int unusual(int marker) throws IOException {
    String kind =
        switch (marker) {
          case 0xc3, 0xc7, 0xcb, 0xcf -> " (lossless coding)";
          case 0xc5, 0xc6, 0xcd, 0xce, 0xde, 0xdf -> " (hierarchical coding)";
          default -> "";
        };
    throw new IOException(
        "expected baseline, extended or progressive coding, found marker 0xff"
            + Integer.toHexString(marker)
            + kind);
  }

  private int nextMarker() throws IOException {
    while (at + 1 < data.length) {
      int marker = data[at + 1] & 0xff;
      if (data[at] == (byte) 0xff && marker != 0 && marker != 0xff) {
        at += 2;
        return marker;
      }
      at++;
    }
    throw new IOException("the end of image is missing, " + data.length + " bytes");
  }

  private Segment parameters(int marker) throws IOException {
    int length = at + 2 <= data.length ? (data[at] & 0xff) << 8 | data[at + 1] & 0xff : 0;
    if (marker == SOI || length < 2 || at + length > data.length) {
      throw new IOException(
          "marker 0xff" + Integer.toHexString(marker) + " of length " + length + " at " + (at - 2));
    }
    Segment segment = new Segment(data, at + 2, at + length);
    at += length;
    return segment;
  }

  /** An image of no frame only defines tables for the one that must follow at once. */
  private boolean endsTablesOnly() throws IOException {
    if (!scans.isEmpty()) {
      return false;
    }
    if (frame != null || at + 1 >= data.length || data[at] != (byte) 0xff) {
      throw new IOException("there is no scan");
    }
    if ((data[at + 1] & 0xff) != SOI) {
      throw new IOException("there is no scan");
    }
    at += 2;
    tables.resetConditioning();
    restartInterval = 0;
    jfif = false;
    adobe = -1;
    return true;
  }

  private void frame(Segment segment, Coding coding) throws IOException {
    if (frame != null) {
      throw new IOException("there are two frames");
    }
    int precision = segment.read();
    int height = segment.readTwo();
    int width = segment.readTwo();
    int count = segment.read();
    if (precision != 8 || width == 0 || height == 0) {
      throw new IOException(
          "expected samples of 8 bits and a size in the header, found "
              + (precision + " bits, " + width + "x" + height));
    }
    if (Math.max(width, height) > LONGEST_SIDE) {
      throw new IOException(
          "expected sides of at most " + LONGEST_SIDE + ", found " + width + "x" + height);
    }
    if (count != 1 && count != 3 && count != 4 || segment.left() != 3 * count) {
      throw new IOException("expected 1, 3 or 4 components, found " + count);
    }
    List<Component> components = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int id = segment.read();
      int sampling = segment.read();
      components.add(new Component(id, sampling >> 4, sampling & 15, segment.read()));
    }
    frame = JpegFrame.of(coding, width, height, components);
    quantization = new int[count][];
  }

  private void scan(Segment segment) throws IOException {
    JpegFrame of = frame;
    if (of == null || scans.size() >= JpegLimits.MAX_SCANS) {
      throw new IOException("expected 1 to " + JpegLimits.MAX_SCANS + " scans behind a frame");
    }
    if (scans.isEmpty()) {
      of.check();
      space = known == null ? JpegColors.Space.of(of, jfif, adobe) : known.check(of);
      if (of.coding() == Coding.BASELINE) {
        tables.addStandardHuffman();
      }
    }
    int count = segment.read();
    if (count < 1 || count > 4 || segment.left() != 2 * count + 3) {
      throw new IOException("scan header: expected 1 to 4 components, found " + count);
    }
    int[] indices = new int[count];
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      indices[i] = component(of, segment.read(), indices, i);
      slots[i] = segment.read();
    }
    Band band = band(of, segment, count);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(part(of, band, indices[i], slots[i]));
      if (quantization[indices[i]] == null) {
        Component component = of.components().get(indices[i]);
        quantization[indices[i]] = tables.quantization(component.quantization());
      }
    }
    int start = at;
    skipCodedData();
    JpegScan scan = new JpegScan(parts, band, restartInterval, start, at);
    limits.check(of, scan);
    scans.add(scan);
  }

  /** As jdmarker.c, get_sos: components of a scan come in the order of the frame. */
  private static int component(JpegFrame frame, int id, int[] taken, int count) throws IOException {
    for (int index = count; index < frame.components().size(); index++) {
      if (frame.components().get(index).id() == id) {
        for (int i = 0; i < count; i++) {
          if (taken[i] == index) {
            throw new IOException("scan header: component " + id + " comes twice");
          }
        }
        return index;
      }
    }
    throw new IOException("scan header: no component " + id);
  }

  /** Of a sequential frame, what the header says here is ignored, as libjpeg does. */
  private static Band band(JpegFrame frame, Segment segment, int parts) throws IOException {
    int first = segment.read();
    int last = segment.read();
    int bits = segment.read();
    if (!frame.coding().progressive) {
      return Band.ALL;
    }
    Band band = new Band(first, last, bits >> 4, bits & 15);
    boolean dc = first == 0 && last == 0;
    boolean ac = first > 0 && last >= first && last < CoefficientRow.SIZE && parts == 1;
    if (!dc && !ac || band.low() > 13 || band.refines() && band.low() != band.refined() - 1) {
      throw new IOException("scan header: no such progression: " + band);
    }
    return band;
  }

  private Part part(JpegFrame frame, Band band, int index, int slots) throws IOException {
    boolean arithmetic = frame.coding().arithmetic;
    Table none = new Table.None();
    boolean dc = band.dc() && !band.refines();
    boolean ac = band.last() > 0;
    int dcSlot = slots >> 4;
    int acSlot = slots & 15;
    return new Part(
        index,
        !dc ? none : arithmetic ? tables.arithmetic(dcSlot, true) : tables.huffman(dcSlot, true),
        !ac ? none : arithmetic ? tables.arithmetic(acSlot, false) : tables.huffman(acSlot, false));
  }

  /** Goes to the next marker that is no restart marker. */
  private void skipCodedData() {
    for (; at + 1 < data.length; at++) {
      int next = data[at + 1] & 0xff;
      boolean restart = next >= 0xd0 && next <= 0xd7;
      if (data[at] == (byte) 0xff && next != 0 && next != 0xff && !restart) {
        return;
      }
    }
    at = data.length;
  }
}
