package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two shards that were filled apart, merged and printed. */
class IndexExportTest {
  private static final Path ITM = Fixtures.directory("tiny-itm");

  @TempDir private Path folder;

  private static String image(String name) {
    return Fixtures.image(name).toString();
  }

  private Run index(String command, String index, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("index", command, "--model", ITM.toString(), "--index", at(index)));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private String at(String index) {
    return folder.resolve(index).toString();
  }

  @Test
  void shardsAreMergedAndPrinted() throws IOException {
    index("add", "first", "--field", "album=one", image("tiny.png"));
    index("add", "second", image("photo.jpg"), image("tiny.png"));
    Run merged = index("merge", "all", "--json", at("first"), at("second"));
    assertThat(merged.status()).isZero();
    assertThat(merged.json().get(0).get("images").intValue()).isEqualTo(2);
    Run exported = index("export", "all");
    assertThat(exported.status()).isZero();
    assertThat(exported.json()).hasSize(2);
    try (Blip2 blip2 = Blip2.load(ITM)) {
      for (JsonNode line : exported.json()) {
        assertThat(line.get("fields")).as("the later shard's").isEmpty();
        float[][] vectors =
            blip2.encode(ImageSource.of(Path.of(line.get("image").textValue()))).projected();
        assertThat(line.get("vectors")).hasSize(vectors.length);
        for (int row = 0; row < vectors.length; row++) {
          for (int i = 0; i < vectors[row].length; i++) {
            assertThat(line.get("vectors").get(row).get(i).floatValue()).isEqualTo(vectors[row][i]);
          }
        }
      }
    }
  }

  /** What others read, Spark among them, was printed so. */
  @Test
  void linesAreThoseThatOthersRead() throws IOException {
    String lines = Files.readString(Fixtures.directory("index-export").resolve("photos.jsonl"));
    List<JsonNode> expected = new Run(0, lines, "").json();
    try (Blip2 blip2 = Blip2.load(ITM);
        Blip2Index index = Blip2Index.open(folder.resolve("known"), blip2)) {
      for (JsonNode line : expected) {
        index.addVectors(
            line.get("image").textValue(),
            Output.MAPPER.convertValue(line.get("vectors"), float[][].class),
            Output.MAPPER.convertValue(line.get("fields"), new TypeReference<>() {}));
      }
      index.commit();
    }
    assertThat(index("export", "known").json()).hasSize(3).isEqualTo(expected);
  }

  @Test
  void whatIsNotThereIsSaidBeforeAModelIsLoaded() {
    assertThat(index("export", "none").err()).contains("expected an index, found no directory");
    assertThat(index("merge", "all", at("none")).status()).isEqualTo(2);
  }
}
