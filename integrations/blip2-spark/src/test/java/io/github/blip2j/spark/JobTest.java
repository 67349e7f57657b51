package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What goes with a task, and what a row's seed is made of. */
class JobTest {
  private static final ModelSpec SPEC = ModelSpec.of("model");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aJobTravelsAsItIs() throws IOException, ClassNotFoundException {
    Job job =
        new Job(
            Job.Task.ANSWER, new ModelSpec("m", "onnx", "int8", 2, "/cache"), "why?", 5, 0.5, 7);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
      objects.writeObject(job);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(job);
    }
    assertThat(out.size()).as("a handle, no weights").isLessThan(2000);
  }

  @Test
  void numbersAndNamesAreChecked() {
    assertThatIllegalArgumentException().isThrownBy(() -> ModelSpec.of(" "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ModelSpec("m", "", "", -1, ""))
        .withMessageContaining("threads (-1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Job(Job.Task.CAPTION, SPEC, "", 0, 0, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Job(Job.Task.CAPTION, SPEC, "", 1, Double.NaN, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Job.Task.named("sing"))
        .withMessageContaining("caption, answer, embed, features, match");
    assertThat(Job.Task.named("Match")).isEqualTo(Job.Task.MATCH);
  }

  @Test
  void aRowsSeedIsThatOfItsContent() {
    ImageRow row = new ImageRow(bytes("image"), "text");
    assertThat(row.seed(1)).isEqualTo(new ImageRow(bytes("image"), "text").seed(1));
    Set<Long> seeds = new HashSet<>();
    for (ImageRow other :
        List.of(
            row,
            new ImageRow(bytes("image"), "other"),
            new ImageRow(bytes("other"), "text"),
            new ImageRow("a path", "text"),
            new ImageRow(null, "text"))) {
      seeds.add(other.seed(1));
      seeds.add(other.seed(2));
    }
    assertThat(seeds).hasSize(10);
  }
}
