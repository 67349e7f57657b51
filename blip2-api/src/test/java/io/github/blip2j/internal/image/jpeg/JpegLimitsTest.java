package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.GrayJpeg;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Coding;
import io.github.blip2j.internal.image.jpeg.JpegFrame.Component;
import io.github.blip2j.internal.image.jpeg.JpegScan.Band;
import io.github.blip2j.internal.image.jpeg.JpegScan.Part;
import io.github.blip2j.internal.image.jpeg.JpegScan.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Work is counted before any of it is done. */
class JpegLimitsTest {
  private static final int ENOUGH = 1 << 28; // bytes of a scan
  private static final Band AC = new Band(1, 63, 0, 0);
  private static final Band DC = new Band(0, 0, 0, 0);

  private final JpegLimits limits = new JpegLimits();

  private static JpegFrame frame(Coding coding, int width, int height, int components) {
    List<Component> all = new ArrayList<>();
    for (int i = 0; i < components; i++) {
      all.add(new Component(i, i == 0 ? 2 : 1, i == 0 ? 2 : 1, 0));
    }
    return JpegFrame.of(coding, width, height, all);
  }

  private static JpegScan scan(Band band, int bytes, int... components) {
    List<Part> parts = new ArrayList<>();
    for (int component : components) {
      parts.add(new Part(component, new Table.None(), new Table.None()));
    }
    return new JpegScan(parts, band, 0, 100, 100 + bytes);
  }

  @Test
  void sizesFollowFromTheFrame() {
    JpegFrame frame = frame(Coding.BASELINE, 33, 17, 3);
    Component luma = frame.components().get(0);
    Component chroma = frame.components().get(1);
    assertThat(List.of(frame.mcusWide(), frame.mcuRows(), frame.blocksInMcu()))
        .containsExactly(3, 2, 6);
    assertThat(List.of(frame.samplesWide(luma), frame.samplesHigh(luma))).containsExactly(33, 17);
    assertThat(List.of(frame.samplesWide(chroma), frame.samplesHigh(chroma)))
        .containsExactly(17, 9);
    assertThat(List.of(frame.blocksWide(luma), frame.blocksHigh(luma))).containsExactly(5, 3);
    assertThat(List.of(frame.blocksWide(chroma), frame.blocksHigh(chroma))).containsExactly(3, 2);
    assertThat(List.of(frame.blockRows(luma, 0), frame.blockRows(luma, 1))).containsExactly(2, 1);
    assertThat(List.of(frame.blockRows(chroma, 0), frame.blockRows(chroma, 1)))
        .containsExactly(1, 1);
  }

  /** A block takes two bits at least, in a progressive scan of DC one; one of AC may take none. */
  @ParameterizedTest
  @CsvSource({
    "BASELINE,16,true",
    "BASELINE,15,false",
    "PROGRESSIVE,8,true",
    "PROGRESSIVE,7,false",
    "ARITHMETIC,0,true"
  })
  void aScanHasTheBitsThatItsBlocksNeed(Coding coding, int bytes, boolean enough)
      throws IOException {
    JpegFrame frame = frame(coding, 64, 64, 1); // 64 blocks
    JpegScan scan = scan(coding.progressive ? DC : Band.ALL, bytes, 0);
    if (enough) {
      limits.check(frame, scan);
    } else {
      assertThatThrownBy(() -> limits.check(frame, scan))
          .hasMessage("the coded data of a scan end too early");
    }
  }

  @Test
  void scansOfRunsMayBeEmpty() throws IOException {
    JpegFrame frame = frame(Coding.PROGRESSIVE, 64, 64, 1);
    for (int i = 0; i < 100; i++) {
      limits.check(frame, scan(AC, 0, 0));
    }
  }

  @Test
  void aSequentialScanOfEverythingIsTheOnlyOne() throws IOException {
    JpegFrame frame = frame(Coding.BASELINE, 64, 64, 3);
    limits.check(frame, scan(Band.ALL, ENOUGH, 0, 1, 2));
    assertThatThrownBy(() -> limits.check(frame, scan(Band.ALL, ENOUGH, 0)))
        .hasMessage("there is a scan behind the one that held everything");
    JpegLimits others = new JpegLimits();
    for (int component = 0; component < 3; component++) {
      others.check(frame, scan(Band.ALL, ENOUGH, component));
    }
    JpegLimits progressive = new JpegLimits();
    JpegFrame finer = frame(Coding.PROGRESSIVE, 64, 64, 3);
    progressive.check(finer, scan(DC, ENOUGH, 0, 1, 2));
    progressive.check(finer, scan(AC, 0, 1));
  }

  /** A file of some hundred kilobytes could keep a processor busy for minutes. */
  @Test
  void scansTogetherVisitSoManyBlocks() throws IOException {
    JpegFrame frame = frame(Coding.PROGRESSIVE, 16_000, 16_000, 1); // four million blocks
    for (int i = 0; i < 30; i++) {
      limits.check(frame, scan(AC, 0, 0));
    }
    assertThatThrownBy(() -> limits.check(frame, scan(AC, 0, 0)))
        .hasMessage(
            "expected scans that visit at most 120000000 blocks, found 124000000 in 31 scans");
  }

  /** Each of them may be read by itself. */
  @Test
  void scansOfAllPartsOfAFileAreCountedTogether() throws IOException {
    byte[] part = GrayJpeg.progressive(1024, 1999); // 33 million visits
    JpegParts parts = JpegParts.gray();
    for (int i = 0; i < 3; i++) {
      assertThat(parts.read(part).width()).isEqualTo(1024);
    }
    assertThatThrownBy(() -> parts.read(part))
        .hasMessageContaining("expected scans that visit at most 120000000 blocks");
    JpegParts.gray().read(part);
  }

  @Test
  void arithmeticScansAreCountedByTheirCoefficients() throws IOException {
    JpegFrame frame = frame(Coding.ARITHMETIC_PROGRESSIVE, 16_000, 16_000, 1);
    limits.check(frame, scan(AC, 0, 0));
    limits.check(frame, scan(AC, 0, 0));
    assertThatThrownBy(() -> limits.check(frame, scan(AC, 0, 0)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in 3 scans");
    JpegLimits narrow = new JpegLimits();
    for (int i = 0; i < 20; i++) {
      narrow.check(frame, scan(new Band(1, 2, 0, 0), 0, 0));
    }
  }
}
