package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupsTest {
  private static final String UNLIMITED = "9223372036854771712"; // as version 1 writes it

  @TempDir Path folder;

  private void files(String group, Map<String, String> contents) throws IOException {
    Path place = Files.createDirectories(folder.resolve(group));
    for (Map.Entry<String, String> each : contents.entrySet()) {
      Files.writeString(place.resolve(each.getKey()), each.getValue() + "\n");
    }
  }

  /** A process in the groups of {@code cgroup}, with M for the folder of mounts. */
  private Cgroups process(String cgroup, String mounts) throws IOException {
    Path process = Files.createDirectories(folder.resolve("process"));
    Files.writeString(process.resolve("cgroup"), cgroup);
    Files.writeString(
        process.resolve("mountinfo"),
        "22 1 0:21 / /proc rw,nosuid - proc proc rw\n" + mounts.replace("M/", folder + "/"));
    return Cgroups.of(process);
  }

  private Cgroups version2(String path) throws IOException {
    return process(
        "0::" + path + "\n", "30 23 0:26 / M/two rw,relatime shared:4 - cgroup2 cgroup2 rw\n");
  }

  private Cgroups version1(String path, String root) throws IOException {
    return process(
        "9:memory:" + path + "\n4:cpuacct,cpu:" + path + "\n0::/\n",
        "40 1 0:30 "
            + root
            + " M/mem rw - cgroup cgroup rw,memory\n"
            + "41 1 0:31 "
            + root
            + " M/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
            + "42 1 0:32 / M/two rw - cgroup2 cgroup2 rw\n");
  }

  @Test
  void aGroupOfVersion2IsALimit() throws IOException {
    files(
        "two",
        Map.of(
            "memory.max",
            "1000000",
            "memory.current",
            "900000",
            "memory.stat",
            "anon 1\ninactive_file 300000\nactive_file 100000\nfile 400000",
            "cpu.max",
            "150000 100000"));
    assertThat(version2("/").availableMemory()).hasValue(500_000);
    assertThat(version2("/").processorQuota()).hasValue(1.5);
  }

  @Test
  void maxIsNoLimitAndAParentsCounts() throws IOException {
    files("two/a/b", Map.of("memory.max", "max", "memory.current", "10", "cpu.max", "max 100000"));
    assertThat(version2("/a/b").availableMemory()).isEmpty();
    assertThat(version2("/a/b").processorQuota()).isEmpty();
    files(
        "two/a", Map.of("memory.max", "5000", "memory.current", "1000", "cpu.max", "50000 100000"));
    assertThat(version2("/a/b").availableMemory()).hasValue(4000);
    assertThat(version2("/a/b").processorQuota()).hasValue(0.5);
    files("two/a/b", Map.of("memory.max", "2000", "memory.current", "500"));
    assertThat(version2("/a/b").availableMemory()).hasValue(1500);
    files("two/a/b", Map.of("memory.high", "600"));
    assertThat(version2("/a/b").availableMemory()).hasValue(100);
  }

  @Test
  void aGroupThatUsesMoreThanItMayHasNothingLeft() throws IOException {
    files("two", Map.of("memory.max", "1000", "memory.current", "1200"));
    assertThat(version2("/").availableMemory()).hasValue(0);
  }

  @Test
  void groupsOfVersion1HaveTheirOwnFiles() throws IOException {
    files(
        "mem/pod/box",
        Map.of(
            "memory.limit_in_bytes",
            UNLIMITED,
            "memory.usage_in_bytes",
            "700",
            "memory.stat",
            "inactive_file 9\ntotal_inactive_file 100\ntotal_active_file 50"));
    files("cpu/pod/box", Map.of("cpu.cfs_quota_us", "-1", "cpu.cfs_period_us", "100000"));
    assertThat(version1("/pod/box", "/").availableMemory()).isEmpty();
    assertThat(version1("/pod/box", "/").processorQuota()).isEmpty();
    files("mem/pod/box", Map.of("memory.limit_in_bytes", "1000"));
    files("cpu/pod", Map.of("cpu.cfs_quota_us", "250000", "cpu.cfs_period_us", "100000"));
    assertThat(version1("/pod/box", "/").availableMemory()).hasValue(450);
    assertThat(version1("/pod/box", "/").processorQuota()).hasValue(2.5);
  }

  /**
   * In a container the mount begins at its group, or the group's path leads out of what is seen.
   */
  @Test
  void theMountedGroupIsTheContainers() throws IOException {
    files("mem", Map.of("memory.limit_in_bytes", "1000", "memory.usage_in_bytes", "400"));
    files("mem/inner", Map.of("memory.limit_in_bytes", "900", "memory.usage_in_bytes", "400"));
    assertThat(version1("/docker/abc", "/docker/abc").availableMemory()).hasValue(600);
    assertThat(version1("/docker/abc/inner", "/docker/abc").availableMemory()).hasValue(500);
    assertThat(version1("/elsewhere", "/docker/abc").availableMemory()).hasValue(600);
    files("two", Map.of("memory.max", "300", "memory.current", "100"));
    assertThat(version2("/../../pod").availableMemory()).hasValue(200);
    assertThat(version2("/not/seen").availableMemory()).hasValue(200);
  }

  @Test
  void withoutGroupsThereIsNoLimit() throws IOException {
    assertThat(Cgroups.of(folder.resolve("none")).availableMemory()).isEmpty();
    assertThat(process("", "").processorQuota()).isEmpty();
    assertThat(process("nonsense\n", "40 1 - cgroup x\n").availableMemory()).isEmpty();
    files("two", Map.of("memory.max", "what?", "memory.current", "10", "cpu.max", "1 0"));
    assertThat(version2("/").availableMemory()).isEmpty();
    assertThat(version2("/").processorQuota()).isEmpty();
  }
}
