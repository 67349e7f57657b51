package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a CUDA device, whatever of it is there. */
class CudaFactsTest {
  @TempDir Path folder;

  private static Map<String, String> facts(Path driver, List<String> tool, String libraryPath) {
    return new CudaFacts(driver, tool, libraryPath)
        .facts().stream()
            .collect(Collectors.toMap(MachineReport.Fact::name, MachineReport.Fact::value));
  }

  private static List<String> java(String... arguments) {
    String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(program), java.util.stream.Stream.of(arguments))
        .toList();
  }

  @Test
  void whatIsNotThereIsNamed() {
    Map<String, String> facts = facts(folder.resolve("none"), List.of("no-such-tool"), "");
    assertThat(facts)
        .containsEntry("nvidia driver", "not found")
        .containsEntry("cuda devices", "none found: no no-such-tool")
        .containsKeys("libcublasLt.so.12", "libcurand.so.10", "libcudnn.so.9");
  }

  @Test
  void theDriverAndWhatItsToolSaysAreTold() throws IOException {
    Path driver = Files.writeString(folder.resolve("version"), "NVRM version: 1.2\nGCC 3\n");
    Path source =
        Files.writeString(
            folder.resolve("Tool.java"),
            "class Tool { public static void main(String[] a) {"
                + " System.out.println(\"A 1, 24 GiB\\n B 2, 8 GiB \\n\"); } }");
    assertThat(facts(driver, java(source.toString()), ""))
        .containsEntry("nvidia driver", "NVRM version: 1.2")
        .containsEntry("cuda devices", "A 1, 24 GiB; B 2, 8 GiB");
  }

  @Test
  void aToolThatFailsIsQuoted() {
    String found = facts(folder, java("-no-such-option"), "").get("cuda devices");
    assertThat(found).startsWith("unknown: ").contains("-no-such-option");
  }

  /** As the loader does, the path before the usual folders, and the first folder of it. */
  @Test
  void librariesAreLookedForWhereTheLoaderLooks() throws IOException {
    Path first = Files.createDirectories(folder.resolve("first"));
    Path second = Files.createDirectories(folder.resolve("second"));
    Path library = Files.createFile(second.resolve("libcudnn.so.9"));
    Path shadowed = Files.createFile(second.resolve("libcurand.so.10"));
    Path nearer = Files.createFile(first.resolve("libcurand.so.10"));
    String path = String.join(File.pathSeparator, "", first.toString(), second.toString());
    Map<String, String> facts = facts(folder, List.of("no-such-tool"), path);
    assertThat(facts)
        .containsEntry("libcudnn.so.9", library.toString())
        .containsEntry("libcurand.so.10", nearer.toString());
    assertThat(facts).doesNotContainValue(shadowed.toString());
  }
}
