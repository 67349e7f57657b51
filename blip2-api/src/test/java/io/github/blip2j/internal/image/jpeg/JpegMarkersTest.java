package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files put together segment by segment: which are read, and why the others are not. */
class JpegMarkersTest {
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int QUANTIZATION = 0xdb;
  private static final int RESTART_INTERVAL = 0xdd;
  private static final int HUFFMAN = 0xc4;
  private static final int BASELINE = 0xc0;
  private static final int PROGRESSIVE = 0xc2;
  private static final int CODED = 40; // bytes of coded data, enough for the blocks

  /** A file. */
  private static final class Jpeg {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Jpeg bytes(int... bytes) {
      for (int value : bytes) {
        out.write(value);
      }
      return this;
    }

    Jpeg marker(int marker) {
      return bytes(0xff, marker);
    }

    Jpeg segment(int marker, int... parameters) {
      int length = parameters.length + 2;
      return marker(marker).bytes(length >> 8, length & 0xff).bytes(parameters);
    }

    /** A quantisation table of ones. */
    Jpeg quantization(int slot) {
      int[] table = new int[65];
      Arrays.fill(table, 1);
      table[0] = slot;
      return segment(QUANTIZATION, table);
    }

    /** Eight by eight samples of so many components without subsampling. */
    Jpeg frame(int marker, int components) {
      int[] frame = new int[6 + 3 * components];
      System.arraycopy(new int[] {8, 0, 8, 0, 8, components}, 0, frame, 0, 6);
      for (int i = 0; i < components; i++) {
        System.arraycopy(new int[] {i + 1, 0x11, 0}, 0, frame, 6 + 3 * i, 3);
      }
      return segment(marker, frame);
    }

    /** A scan of some components, all of their coefficients, and data. */
    Jpeg scan(int... components) {
      int[] header = new int[4 + 2 * components.length];
      header[0] = components.length;
      for (int i = 0; i < components.length; i++) {
        header[1 + 2 * i] = components[i];
      }
      header[header.length - 2] = 63;
      return segment(SOS, header).bytes(new int[CODED]);
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    JpegFile read() throws IOException {
      return JpegFile.of(toBytes());
    }
  }

  private static Jpeg start() {
    return new Jpeg().marker(SOI);
  }

  private static Jpeg gray() {
    return start().quantization(0).frame(BASELINE, 1);
  }

  private static void refused(Jpeg jpeg, String reason) {
    assertThatThrownBy(jpeg::read).isInstanceOf(IOException.class).hasMessageContaining(reason);
  }

  /** Longer ones fit in the header, but are none that libjpeg reads. */
  @ParameterizedTest
  @CsvSource({"65500,8,true", "65501,8,false", "8,65500,true", "8,65535,false"})
  void sidesAreAsLongAsLibjpegReads(int width, int height, boolean read) throws IOException {
    Jpeg jpeg = new Jpeg().marker(SOI).quantization(0);
    jpeg.segment(BASELINE, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0);
    jpeg.scan(1).bytes(new int[3000]).marker(EOI);
    if (read) {
      assertThat(jpeg.read().width()).isEqualTo(width);
    } else {
      assertThatThrownBy(jpeg::read)
          .hasMessage("expected sides of at most 65500, found " + width + "x" + height);
    }
  }

  @Test
  void aFileIsAFrameAndItsScans() throws IOException {
    JpegFile file = gray().scan(1).marker(EOI).read();
    assertThat(file.width() + "x" + file.height()).isEqualTo("8x8");
    assertThat(file.rgb()).hasSize(3 * 64);
    start().quantization(0).frame(BASELINE, 3).scan(1, 2, 3).marker(EOI).read();
    start().quantization(0).frame(BASELINE, 3).scan(1).scan(2).scan(3).marker(EOI).read();
    start().quantization(0).frame(BASELINE, 4).scan(1, 2, 3, 4).marker(EOI).read();
  }

  @Test
  void whatStandsBetweenSegmentsIsSkipped() throws IOException {
    Jpeg jpeg = start().bytes(0, 1, 2, 0xff, 0, 0xff).quantization(0);
    jpeg.segment(0xe3, 9, 9).segment(0xfe, 'h', 'i').bytes(7).frame(BASELINE, 1);
    jpeg.scan(1).bytes(0xff, 0xff).marker(EOI).bytes(1, 2, 3).read();
  }

  @Test
  void theBeginningAndTheEndAreNeeded() {
    refused(new Jpeg().bytes(0xff, SOI, 0xff), "the start of image is missing");
    refused(new Jpeg().bytes(0xff, 0xd7, 0xff, EOI), "the start of image is missing");
    refused(gray().scan(1), "the end of image is missing");
    refused(start().marker(EOI), "there is no scan");
    refused(gray().marker(EOI), "there is no scan");
    refused(start().quantization(0).scan(1).marker(EOI), "scans behind a frame");
    byte[] whole = gray().scan(1).marker(EOI).toBytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> JpegFile.of(cut)).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c3,lossless coding", "c7,lossless coding", "cb,lossless coding", "c5,hierarchical coding",
    "cd,hierarchical coding", "de,hierarchical coding", "c8,found marker 0xffc8", "02,0xff2"
  })
  void otherKindsAreNamed(String marker, String message) {
    refused(start().segment(Integer.parseInt(marker, 16), 1, 2, 3), message);
  }

  @Test
  void framesHaveAKnownShape() {
    refused(gray().frame(BASELINE, 1), "there are two frames");
    refused(start().segment(BASELINE, 12, 0, 8, 0, 8, 1, 1, 0x11, 0), "found 12 bits, 8x8");
    refused(start().segment(BASELINE, 8, 0, 0, 0, 8, 1, 1, 0x11, 0), "found 8 bits, 8x0");
    refused(start().segment(BASELINE, 8, 0, 8, 0, 0, 1, 1, 0x11, 0), "found 8 bits, 0x8");
    refused(start().frame(BASELINE, 2), "expected 1, 3 or 4 components, found 2");
    refused(start().frame(BASELINE, 5), "expected 1, 3 or 4 components, found 5");
    refused(start().segment(BASELINE, 8, 0, 8, 0, 8, 1, 1, 0x11), "components, found 1");
    refused(start().segment(BASELINE, 8, 0, 8), "a marker segment is too short");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x01, 0x51, 0x15, 0x00})
  void samplingIsOneToFour(int sampling) {
    Jpeg jpeg = start().quantization(0);
    jpeg.segment(BASELINE, 8, 0, 8, 0, 8, 1, 1, sampling, 0).scan(1).marker(EOI);
    refused(jpeg, "sampling factors: expected 1 to 4");
  }

  @Test
  void samplingsDivideTheLargest() throws IOException {
    int[] frame = {8, 0, 8, 0, 8, 3, 1, 0x31, 0, 2, 0x21, 0, 3, 0x11, 0};
    refused(
        start().quantization(0).segment(BASELINE, frame).scan(1, 2, 3).marker(EOI),
        "expected divisors of 3x1, found 2x1");
    frame[10] = 0x11;
    start().quantization(0).segment(BASELINE, frame).scan(1, 2, 3).marker(EOI).read();
  }

  @Test
  void anMcuHasAtMostTenBlocks() {
    int[] frame = {8, 0, 8, 0, 8, 3, 1, 0x42, 0, 2, 0x12, 0, 3, 0x11, 0};
    refused(
        start().quantization(0).segment(BASELINE, frame).scan(1, 2, 3).marker(EOI),
        "expected at most 10 blocks in an MCU, found 11");
  }

  @Test
  void aScanNamesComponentsOfTheFrameInTheirOrder() {
    Jpeg three = start().quantization(0).frame(BASELINE, 3);
    refused(three.scan(1, 2, 4).marker(EOI), "scan header: no component 4");
    refused(start().quantization(0).frame(BASELINE, 3).scan(1, 1).marker(EOI), "component 1");
    refused(start().quantization(0).frame(BASELINE, 3).scan(2, 1).marker(EOI), "component 1");
    refused(gray().segment(SOS, 0, 0, 63, 0).marker(EOI), "expected 1 to 4 components, found 0");
    refused(gray().segment(SOS, 1, 1, 0, 0, 63).marker(EOI), "components, found 1");
  }

  @Test
  void aSequentialScanOfEverythingIsTheLast() {
    refused(gray().scan(1).scan(1).marker(EOI), "behind the one that held everything");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,00,true",
    "0,0,01,true",
    "0,0,10,true",
    "1,63,00,true",
    "5,5,02,true",
    "1,63,21,true",
    "0,63,00,false",
    "0,5,00,false",
    "6,5,00,false",
    "1,64,00,false",
    "1,63,0e,false",
    "1,63,20,false",
    "1,63,31,false",
    "1,63,11,false"
  })
  void aProgressionIsDcAloneOrABandAndOneBitAtATime(
      int first, int last, String bits, boolean possible) throws IOException {
    Jpeg jpeg = start().quantization(0).frame(PROGRESSIVE, 1);
    int[] dc = new int[19];
    dc[10] = 1; // one code of ten bits, of the symbol 0
    jpeg.segment(HUFFMAN, Arrays.copyOf(dc, 18));
    dc[0] = 0x10;
    jpeg.segment(HUFFMAN, Arrays.copyOf(dc, 18));
    jpeg.segment(SOS, 1, 1, 0, first, last, Integer.parseInt(bits, 16)).bytes(new int[CODED]);
    jpeg.marker(EOI);
    if (possible) {
      jpeg.read();
    } else {
      refused(jpeg, "scan header: no such progression");
    }
  }

  /** Motion JPEG leaves Huffman tables out; only frames of the sequential kind may. */
  @Test
  void tablesThatAreMissingAreMissed() throws IOException {
    gray().scan(1).marker(EOI).read();
    refused(start().frame(BASELINE, 1).scan(1).marker(EOI), "quantisation table 0 is missing");
    Jpeg progressive = start().quantization(0).frame(PROGRESSIVE, 1);
    progressive.segment(SOS, 1, 1, 0, 0, 0, 0).bytes(new int[CODED]).marker(EOI);
    refused(progressive, "DC Huffman table 0 is missing");
    Jpeg band = start().quantization(0).frame(PROGRESSIVE, 1);
    band.segment(SOS, 1, 1, 0x02, 1, 63, 0).bytes(new int[CODED]).marker(EOI);
    refused(band, "AC Huffman table 2 is missing");
    Jpeg other = gray().segment(SOS, 1, 1, 0x20, 0, 63, 0).bytes(new int[CODED]).marker(EOI);
    refused(other, "DC Huffman table 2 is missing");
  }

  @Test
  void tablesHaveTheirNumbersAndSizes() {
    refused(start().quantization(4), "table: expected number 0 to 3, found 4");
    refused(start().segment(QUANTIZATION, 0, 1, 2), "a marker segment is too short");
    int[] many = new int[17];
    Arrays.fill(many, 1, 17, 17);
    refused(start().segment(HUFFMAN, many), "expected at most 256 codes, found 272");
    refused(start().segment(HUFFMAN, new int[16]), "a marker segment is too short");
    int[] fifth = new int[17];
    fifth[0] = 4;
    refused(start().segment(HUFFMAN, fifth), "table: expected number 0 to 3, found 4");
    refused(start().segment(0xcc, 32, 0), "table: expected number 0 to 31, found 32");
    refused(start().segment(0xcc, 0, 0x12), "arithmetic conditioning: L above U");
    refused(start().segment(0xcc, 0), "a marker segment is too short");
  }

  @Test
  void segmentsLieInTheFile() {
    refused(start().bytes(0xff, 0xe0, 0, 1), "marker 0xffe0 of length 1 at 2");
    refused(start().bytes(0xff, 0xe0, 0x7f, 0xff, 0), "marker 0xffe0 of length 32767");
    refused(start().bytes(0xff, 0xe0, 0), "marker 0xffe0 of length 0");
    refused(start().marker(SOI), "marker 0xffd8");
    refused(start().segment(RESTART_INTERVAL, 0, 1, 2), "found marker 0xffdd");
  }

  /** Tables may come in an image of their own that stands directly in front. */
  @Test
  void anImageOfTablesOnlyPrecedesTheOther() throws IOException {
    start().quantization(0).marker(EOI).marker(SOI).frame(BASELINE, 1).scan(1).marker(EOI).read();
    refused(start().quantization(0).marker(EOI).bytes(0), "there is no scan");
    refused(start().quantization(0).marker(EOI).marker(EOI), "there is no scan");
    refused(gray().marker(EOI).marker(SOI).scan(1).marker(EOI), "there is no scan");
  }

  /** An image is not begun whose data are shorter than the shortest code of each block. */
  @Test
  void dataThatCannotBeEnoughAreRefusedBeforeAnythingIsMade() {
    Jpeg jpeg = start().quantization(0);
    jpeg.segment(BASELINE, 8, 0x7f, 0, 0x7f, 0, 1, 1, 0x11, 0).scan(1).marker(EOI);
    refused(jpeg, "the coded data of a scan end too early");
  }
}
