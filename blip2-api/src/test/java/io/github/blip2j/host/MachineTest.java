package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void threadsOfOneCoreCountOnce() {
    List<String> lines =
        List.of(
            "physical id\t: 0",
            "core id\t\t: 0",
            "physical id\t: 0",
            "core id\t\t: 1",
            "physical id\t: 0",
            "core id\t\t: 0",
            "physical id\t: 1",
            "core id\t\t: 0");
    assertThat(Machine.cores(lines, new BitSet())).isEqualTo(3);
    assertThat(Machine.cores(List.of("model name\t: some"), new BitSet())).isZero();
    assertThat(Machine.cores()).isBetween(1, Runtime.getRuntime().availableProcessors());
  }

  /** Of four threads on two cores a container may have both of one core, or one of each. */
  @Test
  void onlyProcessorsThatThisProcessMayUseCount() {
    List<String> lines =
        IntStream.range(0, 4)
            .mapToObj(
                i -> Stream.of("processor\t: " + i, "physical id\t: 0", "core id\t: " + i % 2))
            .flatMap(each -> each)
            .toList();
    assertThat(Machine.cores(lines, Machine.processors("0-3"))).isEqualTo(2);
    assertThat(Machine.cores(lines, Machine.processors("0,2"))).isEqualTo(1);
    assertThat(Machine.cores(lines, Machine.processors("2-3"))).isEqualTo(2);
    assertThat(Machine.processors("0-2,5,nonsense").toString()).isEqualTo("{0, 1, 2, 5}");
  }

  @Test
  void availableMemoryIsReadInBytes() {
    List<String> lines = List.of("MemTotal:  24000000 kB", "MemAvailable:  1000 kB");
    assertThat(Machine.availableMemory(lines)).hasValue(1_024_000);
    assertThat(Machine.availableMemory(List.of())).isEmpty();
  }

  @Test
  void residentMemoryIsThisProcesses() {
    List<String> lines = List.of("VmPeak:  9000 kB", "VmRSS:\t    2000 kB", "RssAnon:  5 kB");
    assertThat(Machine.residentMemory(lines)).hasValue(2_048_000);
    assertThat(Machine.residentMemory(List.of("Name: java"))).isEmpty();
  }
}
