package io.github.blip2j.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The campaign finds faults, says them alike, and tries the same files for the same seed. */
class FuzzTest {
  private static final int CASES = 300;
  private static final Sample TEXT =
      new Sample("a.json", "{\"a\": [1, 2], \"b\": {\"c\": 64}}".getBytes(StandardCharsets.UTF_8));
  private static final Sample BYTES = new Sample("b.bin", new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
  private static final List<Sample> SAMPLES = List.of(TEXT, BYTES);

  @TempDir Path folder;

  private static FuzzTarget target(String expected, Function<byte[], String> reading) {
    return new FuzzTarget() {
      @Override
      public List<Sample> samples() {
        return SAMPLES;
      }

      @Override
      public String attempt(Sample sample, byte[] bytes) {
        return reading.apply(bytes);
      }

      @Override
      public String expected(Sample sample) {
        return expected;
      }

      @Override
      public void close() {}
    };
  }

  private static Verdict.Kind verdict(String expected, Function<byte[], String> reading)
      throws IOException {
    return Verdict.of(target(expected, reading), TEXT, TEXT.bytes()).kind();
  }

  @Test
  void onlyTheLibrarysExceptionsAreRefusals() throws IOException {
    assertThat(verdict("", b -> "read")).isEqualTo(Verdict.Kind.ACCEPTED);
    assertThat(verdict("read", b -> "other")).isEqualTo(Verdict.Kind.FAULT);
    assertThat(verdict("", b -> refuse("expected 1, found 2"))).isEqualTo(Verdict.Kind.REFUSED);
    assertThat(verdict("", b -> refuse(""))).isEqualTo(Verdict.Kind.FAULT);
    assertThat(verdict("", b -> String.valueOf(b[-1]))).isEqualTo(Verdict.Kind.FAULT);
    assertThat(verdict("", FuzzTest::endless)).isEqualTo(Verdict.Kind.FAULT);
  }

  private static String refuse(String why) {
    throw new CheckpointException(why);
  }

  private static String endless(byte[] bytes) {
    return bytes.length == 0 ? "" : endless(bytes) + "x";
  }

  @Test
  void aCaseFollowsFromItsSeedAndNumber() {
    Set<String> different = new HashSet<>();
    Set<String> chosen = new HashSet<>();
    for (long number = 0; number < CASES; number++) {
      Sample sample = Damage.sampleOf(1, number, SAMPLES);
      byte[] once = Damage.ofCase(1, number, SAMPLES, sample);
      assertThat(Damage.ofCase(1, number, SAMPLES, sample)).isEqualTo(once);
      different.add(new String(once, StandardCharsets.ISO_8859_1));
      chosen.add(sample.name());
    }
    assertThat(different).hasSizeGreaterThan(CASES * 3 / 4);
    assertThat(chosen).hasSize(SAMPLES.size());
  }

  @Test
  void whatFailsIsMadeSmall() {
    byte[] bytes = new byte[4096];
    bytes[1000] = 1;
    bytes[3000] = 2;
    byte[] smallest =
        Minimizer.minimized(
            bytes,
            b -> {
              String text = new String(b, StandardCharsets.ISO_8859_1);
              return text.indexOf('\u0001') >= 0 && text.indexOf('\u0002') >= 0;
            },
            1000);
    assertThat(smallest).containsExactly(1, 2);
  }

  @Test
  void aJournalOutlivesItsWriter() throws IOException {
    Path file = folder.resolve("journal");
    Journal.open(file).at(42);
    Journal.open(file).accepted(7);
    assertThat(Journal.open(file).at()).isEqualTo(42);
    assertThat(Journal.open(file).accepted()).isEqualTo(7);
  }
}
