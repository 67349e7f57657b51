package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.cli.host.ChildJvm;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays of a run that ended anywhere. */
class JournalTest {
  private static final Map<String, String> ASKED = Map.of("prompts", "[a photo of]");
  private static final List<String> FIRST = List.of("{\"text\":\"é, \\\"x\\\"\",\"score\":-0.1}");
  private static final List<String> SECOND = List.of("{\"text\":\"b\"}", "{\"text\":\"c\"}");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void place() {
    file = folder.resolve("alt.csv.journal");
  }

  private void begin() {
    try (Journal journal = Journal.open(file, ASKED)) {
      journal.add(Map.of("one.jpg", FIRST));
      journal.add(Map.of("two.jpg", SECOND));
    }
  }

  @Test
  void whatWasNotedIsFoundAgain() {
    begin();
    try (Journal journal = Journal.open(file, ASKED)) {
      assertThat(journal.rows()).containsOnlyKeys("one.jpg", "two.jpg");
      assertThat(journal.rows()).containsEntry("one.jpg", FIRST).containsEntry("two.jpg", SECOND);
      assertThat(journal.has("one.jpg")).isTrue();
      assertThat(journal.has("three.jpg")).isFalse();
      journal.delete();
    }
    assertThat(file).doesNotExist();
  }

  /** Whichever byte it was killed behind: whole lines stay, and new ones stand behind them. */
  @Test
  void aTornLineIsCutOff() throws Exception {
    begin();
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      Files.write(file, cut);
      long lines = new String(cut, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
      try (Journal journal = Journal.open(file, ASKED)) {
        assertThat(journal.rows()).as("%d bytes", length).hasSize((int) Math.max(0, lines - 1));
        journal.add(Map.of("three.jpg", SECOND));
      }
      try (Journal journal = Journal.open(file, ASKED)) {
        assertThat(journal.rows().keySet()).as("%d bytes", length).endsWith("three.jpg");
        assertThat(journal.rows()).hasSize((int) Math.max(1, lines));
      }
    }
  }

  @Test
  void aRunThatWasAskedForSomethingElseIsNotMixedIn() {
    begin();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Journal.open(file, Map.of("prompts", "[null]")))
        .withMessageContaining("expected a run of prompts [null], found [a photo of]")
        .withMessageContaining("delete this file");
    Journal.open(file, ASKED).close(); // what refused it holds it no longer
  }

  @Test
  void twoRunsDoNotWriteOneFile() {
    try (Journal journal = Journal.open(file, ASKED)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Journal.open(file, ASKED))
          .withMessageContaining("expected no other run to write this output");
      journal.add(Map.of("one.jpg", FIRST));
    }
    Journal.open(file, ASKED).close();
  }

  /** Whatever was read of it meanwhile, a file of an earlier run too. */
  @Test
  void anotherProcessDoesNotWriteTheFile() throws Exception {
    begin();
    try (Journal journal = Journal.open(file, ASKED)) {
      assertThat(another()).contains("expected no other run to write this output");
      journal.add(Map.of("three.jpg", SECOND));
      assertThat(another()).contains("expected no other run to write this output");
    }
    assertThat(another()).isEqualTo("opened with 3 images");
  }

  /** What a process says that opens the journal. */
  private String another() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Another.class.getName()));
    command.add(file.toString());
    Process process =
        new ProcessBuilder(command).redirectError(folder.resolve("err.txt").toFile()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("err.txt"))).isZero();
    return said.strip();
  }

  /** Opens a journal, and says what came of it. */
  static final class Another {
    public static void main(String[] arguments) {
      try (Journal journal = Journal.open(Path.of(arguments[0]), ASKED)) {
        System.out.println("opened with " + journal.rows().size() + " images");
      } catch (IllegalArgumentException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void anotherFileIsLeftAsItIs() throws Exception {
    Files.writeString(file, "my notes\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Journal.open(file, ASKED))
        .withMessageContaining("expected the journal of a run");
    assertThat(file).hasContent("my notes\n");
    assertThatThrownBy(() -> Journal.open(folder, ASKED))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot be written");
  }
}
