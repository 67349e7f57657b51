package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tags of every type and byte order, and directories that claim what is not there. */
class TiffDirectoryTest {
  private static final int TAG = TiffTag.BITS;
  private static final int OTHER = TiffTag.SAMPLES;
  private static final long ABSENT = -99;

  static Stream<Supplier<TiffTags>> kinds() {
    return Stream.of(TiffTags::littleEndian, TiffTags::bigEndian, TiffTags::big);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void valuesOfEveryTypeAreRead(Supplier<TiffTags> kind) throws IOException {
    assertThat(kind.get().with(TAG, TiffTags.SHORT, 40_000).read().value(TAG, ABSENT))
        .isEqualTo(40_000);
    assertThat(kind.get().with(TAG, TiffTags.LONG, 0xffff_fffeL).read().value(TAG, ABSENT))
        .isEqualTo(0xffff_fffeL);
    assertThat(kind.get().with(TAG, TiffTags.SIGNED_BYTE, -3).read().value(TAG, ABSENT))
        .isEqualTo(-3);
    assertThat(kind.get().with(TAG, TiffTags.SIGNED_SHORT, -300).read().value(TAG, ABSENT))
        .isEqualTo(-300);
    assertThat(kind.get().with(TAG, TiffTags.SIGNED_LONG, -70_000).read().value(TAG, ABSENT))
        .isEqualTo(-70_000);
    assertThat(kind.get().with(TAG, TiffTags.LONG8, 1L << 40).read().value(TAG, ABSENT))
        .isEqualTo(1L << 40);
    assertThat(kind.get().with(TAG, TiffTags.RATIONAL, 72, 4).read().value(TAG, ABSENT))
        .isEqualTo(18);
    assertThat(kind.get().with(TAG, TiffTags.SIGNED_RATIONAL, -8, 2).read().value(TAG, ABSENT))
        .isEqualTo(-4);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void manyValuesLieOutsideTheirEntry(Supplier<TiffTags> kind) throws IOException {
    long[] values = {3, 1, 4, 1, 5, 9, 2, 6};
    TiffDirectory tags =
        kind.get().with(TAG, TiffTags.SHORT, values).with(OTHER, TiffTags.LONG, values).read();
    assertThat(tags.count(TAG)).isEqualTo(values.length);
    for (int i = 0; i < values.length; i++) {
      assertThat(tags.value(TAG, i, ABSENT)).isEqualTo(values[i]);
      assertThat(tags.value(OTHER, i, ABSENT)).isEqualTo(values[i]);
    }
    assertThat(tags.value(TAG, values.length, ABSENT)).isEqualTo(ABSENT);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fewValuesLieInTheirEntry(Supplier<TiffTags> kind) throws IOException {
    TiffDirectory tags = kind.get().with(TAG, TiffTags.SHORT, 7, 8).read();
    assertThat(tags.value(TAG, 0, ABSENT)).isEqualTo(7);
    assertThat(tags.value(TAG, 1, ABSENT)).isEqualTo(8);
  }

  @Test
  void whatIsNotThereOrNoIntegerIsTheOtherValue() throws IOException {
    TiffDirectory tags =
        TiffTags.littleEndian()
            .with(TAG, TiffTags.FLOAT, 1)
            .with(OTHER, TiffTags.RATIONAL, 5, 2)
            .with(TiffTag.PLANAR, TiffTags.RATIONAL, 5, 0)
            .with(TiffTag.PREDICTOR, TiffTags.ASCII, '2', 0)
            .read();
    assertThat(tags.has(TAG)).isTrue();
    for (int tag : new int[] {TAG, OTHER, TiffTag.PLANAR, TiffTag.PREDICTOR, TiffTag.WIDTH}) {
      assertThat(tags.value(tag, ABSENT)).as("tag %d", tag).isEqualTo(ABSENT);
    }
    assertThat(tags.has(TiffTag.WIDTH)).isFalse();
    assertThat(tags.count(TiffTag.WIDTH)).isZero();
  }

  @Test
  void fractionsAreQuotients() throws IOException {
    TiffDirectory tags =
        TiffTags.bigEndian()
            .with(TAG, TiffTags.RATIONAL, 1, 3, 5, 0, 0xffff_ffffL, 2)
            .with(OTHER, TiffTags.SHORT, 4)
            .read();
    assertThat(tags.fraction(TAG, 0, -1)).isEqualTo(1 / 3f);
    assertThat(tags.fraction(TAG, 1, -1)).as("over 0").isZero();
    assertThat(tags.fraction(TAG, 2, -1)).isEqualTo(0xffff_ffffL / 2f);
    assertThat(tags.fraction(TAG, 3, -1)).isEqualTo(-1);
    assertThat(tags.fraction(OTHER, 0, -1)).as("no fraction").isEqualTo(-1);
  }

  @Test
  void bytesAreThoseOfTypesOfOneByte() throws IOException {
    TiffDirectory tags =
        TiffTags.littleEndian()
            .with(TiffDirectory.XMP, TiffTags.BYTE, 1, 2, 3, 4, 5, 6)
            .with(TAG, TiffTags.ASCII, 'a', 'b')
            .with(OTHER, TiffTags.SHORT, 1)
            .read();
    assertThat(tags.bytes(TiffDirectory.XMP)).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(tags.bytes(TAG)).containsExactly('a', 'b');
    assertThat(tags.bytes(OTHER)).isEmpty();
    assertThat(tags.bytes(TiffTag.WIDTH)).isEmpty();
  }

  @Test
  void theLastOfSeveralEntriesCountsAndLargeTagsDoNot() throws IOException {
    TiffDirectory tags =
        TiffTags.littleEndian()
            .with(TAG, TiffTags.SHORT, 1)
            .with(TAG, TiffTags.SHORT, 2)
            .with(34_665, TiffTags.LONG, 5)
            .read();
    assertThat(tags.value(TAG, ABSENT)).isEqualTo(2);
    assertThat(tags.has(34_665)).isFalse();
  }

  @Test
  void entriesOfUnknownTypesOrWithoutValuesAreSkipped() throws IOException {
    TiffDirectory tags =
        TiffTags.littleEndian()
            .lying(TAG, 14, 1, 5)
            .lying(TiffTag.WIDTH, 999, 1, 5)
            .lying(TiffTag.HEIGHT, TiffTags.LONG, 0, 5)
            .with(OTHER, TiffTags.SHORT, 3)
            .read();
    assertThat(tags.has(TAG) || tags.has(TiffTag.WIDTH) || tags.has(TiffTag.HEIGHT)).isFalse();
    assertThat(tags.value(OTHER, ABSENT)).isEqualTo(3);
  }

  /** Of what is damaged, the entries before the damage are kept. */
  @ParameterizedTest
  @ValueSource(longs = {1 << 20, Integer.MAX_VALUE, 0xffff_ffffL})
  void entriesBehindOneThatLiesOutsideAreNotRead(long place) throws IOException {
    for (TiffTags tags : new TiffTags[] {TiffTags.littleEndian(), TiffTags.bigEndian()}) {
      TiffDirectory found =
          tags.with(OTHER, TiffTags.SHORT, 3)
              .lying(TAG, TiffTags.LONG, 2, place)
              .with(TiffTag.WIDTH, TiffTags.SHORT, 4)
              .read();
      assertThat(found.value(OTHER, ABSENT)).isEqualTo(3);
      assertThat(found.has(TAG) || found.has(TiffTag.WIDTH)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20, 1L << 40, Long.MAX_VALUE, Long.MAX_VALUE - 7, -1, Long.MIN_VALUE})
  void placesAndCountsOfSixtyFourBitsMayLieAnywhere(long number) throws IOException {
    TiffDirectory place =
        TiffTags.big().with(OTHER, TiffTags.SHORT, 3).lying(TAG, TiffTags.LONG, 4, number).read();
    assertThat(place.value(OTHER, ABSENT)).isEqualTo(3);
    assertThat(place.has(TAG)).as("values at %d", number).isFalse();
    TiffDirectory count = TiffTags.big().lying(TAG, TiffTags.LONG, number, 16).read();
    assertThat(count.has(TAG)).as("%d values", number).isFalse();
  }

  /** The directory itself, too: a file with none of it has no tags. */
  @ParameterizedTest
  @ValueSource(longs = {100, 1L << 40, Long.MAX_VALUE, Long.MAX_VALUE - 7, -1, Long.MIN_VALUE})
  void aDirectoryOutsideTheFileHasNoTags(long place) throws IOException {
    byte[] file = TiffTags.big().with(TAG, TiffTags.SHORT, 3).toBytes();
    for (int i = 0; i < 8; i++) {
      file[8 + i] = (byte) (place >> 8 * i);
    }
    assertThat(TiffDirectory.first(file).has(TAG)).isFalse();
  }

  @Test
  void whatIsNoTiffIsSaidToBeNone() {
    byte[] whole = TiffTags.littleEndian().toBytes();
    for (int i = 0; i < 4; i++) {
      byte[] other = whole.clone();
      other[i] ^= 4;
      assertThatThrownBy(() -> TiffDirectory.first(other)).hasMessage("no TIFF header");
    }
    assertThatThrownBy(() -> TiffDirectory.first(Arrays.copyOf(whole, 7)))
        .hasMessage("no TIFF header");
    byte[] big = Arrays.copyOf(TiffTags.big().toBytes(), 15);
    assertThatThrownBy(() -> TiffDirectory.first(big)).hasMessage("no TIFF header");
  }

  /** Wherever it is cut, and whatever byte is another, asking it is safe. */
  @ParameterizedTest
  @MethodSource("kinds")
  void damageIsNothingWorseThanMissingTags(Supplier<TiffTags> kind) throws IOException {
    byte[] whole =
        kind.get()
            .with(TAG, TiffTags.SHORT, 8, 8, 8, 8, 8)
            .with(OTHER, TiffTags.RATIONAL, 6, 2)
            .with(TiffDirectory.XMP, TiffTags.BYTE, 1, 2, 3, 4, 5, 6, 7, 8, 9)
            .toBytes();
    for (int length = 16; length <= whole.length; length++) {
      ask(TiffDirectory.first(Arrays.copyOf(whole, length)));
    }
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 4; i < whole.length; i++) {
      byte[] other = whole.clone();
      for (int value : new int[] {0, 0x7f, 0xff, random.nextInt(256)}) {
        other[i] = (byte) value;
        ask(TiffDirectory.first(other));
      }
    }
  }

  private static void ask(TiffDirectory tags) {
    for (int tag : new int[] {TAG, OTHER, TiffDirectory.XMP}) {
      for (long i = 0; i < tags.count(tag); i++) {
        tags.value(tag, i, ABSENT);
        tags.fraction(tag, (int) i, 0);
      }
      assertThat((long) tags.bytes(tag).length).isIn(0L, tags.count(tag));
    }
  }
}
