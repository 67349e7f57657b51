package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.IndexedImage;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page's recipes for indexes do what the page says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IndexRecipesTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private SparkSession spark;

  @BeforeAll
  void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate();
  }

  @AfterAll
  void stop() {
    spark.stop();
  }

  @Test
  void shardsOfPartitionsMergeToAnIndexOfAllImages(@TempDir Path folder) throws IOException {
    Dataset<Row> images =
        spark.read().format("binaryFile").load(Scenes.folder().toUri().toString()).repartition(2);
    IndexRecipes.fillShards(images, DemoModel.matcher().toString(), folder.toString());
    List<Path> shards;
    try (Stream<Path> there = Files.list(folder)) {
      shards = there.toList();
    }
    assertThat(shards).hasSize(2);
    Map<String, float[][]> merged = new TreeMap<>();
    try (Blip2 matcher = Blip2.load(DemoModel.matcher());
        Blip2Index all = Blip2Index.open(folder.resolve("all"), matcher)) {
      shards.forEach(all::merge);
      all.commit();
      all.forEachImage((IndexedImage image) -> merged.put(image.id(), image.vectors()));
      assertThat(merged).hasSize(6);
      for (Map.Entry<String, float[][]> image : merged.entrySet()) {
        Path file = Path.of(java.net.URI.create(image.getKey()));
        assertThat(image.getValue())
            .isDeepEqualTo(matcher.encode(ImageSource.of(file)).projected());
      }
    }
  }

  @Test
  void whatAnIndexExportsBecomesParquetWithoutLosingADigit(@TempDir Path folder)
      throws IOException {
    Path lines = Fixtures.directory("index-export").resolve("photos.jsonl");
    String parquet = folder.resolve("photos").toUri().toString();
    IndexRecipes.toParquet(spark, lines.toUri().toString(), parquet);
    List<Row> rows =
        spark
            .read()
            .parquet(parquet)
            .selectExpr("image", "fields", "flatten(vectors)", "size(vectors)")
            .collectAsList();
    List<JsonNode> expected = new ArrayList<>();
    for (String line : Files.readAllLines(lines)) {
      expected.add(new ObjectMapper().readTree(line));
    }
    assertThat(rows).hasSize(3).hasSameSizeAs(expected);
    for (int i = 0; i < 3; i++) {
      Row row = rows.get(i);
      JsonNode line = expected.get(i);
      assertThat(row.getString(0)).isEqualTo(line.get("image").textValue());
      assertThat(row.<String, String>getJavaMap(1))
          .isEqualTo(new ObjectMapper().convertValue(line.get("fields"), Map.class));
      List<Float> numbers = new ArrayList<>();
      line.get("vectors").forEach(v -> v.forEach(n -> numbers.add(Float.valueOf(n.asText()))));
      assertThat(row.<Float>getList(2)).isEqualTo(numbers).hasSize(60);
      assertThat(row.getInt(3)).isEqualTo(3);
    }
  }

  @Test
  void thePageHasTheCodeThatIsRunHere() throws IOException {
    String code =
        unindented(
            Files.readString(Path.of("src/test/java/io/github/blip2j/spark/IndexRecipes.java")));
    String page = Files.readString(Path.of("../../docs/spark.md"));
    String section = page.substring(page.indexOf("## An index of all images"));
    List<String> blocks =
        JAVA_BLOCK.matcher(section).results().map(found -> found.group(1)).toList();
    assertThat(blocks).hasSize(2);
    for (String block : blocks) {
      assertThat(code).contains(unindented(block));
    }
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
