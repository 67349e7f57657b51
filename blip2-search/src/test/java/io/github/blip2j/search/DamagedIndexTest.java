package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of an index that were cut, flipped or overwritten: whatever happens is our exception. */
class DamagedIndexTest {
  private static final int TRIES = 240;
  private static final long SEED = 20_261_127;

  @Test
  void damagedFilesAreOurErrors(@TempDir Path folder) throws IOException {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"))) {
      Path whole = folder.resolve("whole");
      try (Blip2Index index = Blip2Index.open(whole, blip2)) {
        Blip2IndexTest.fill(index);
        index.commit();
        index.addText("a", "a rocket", Map.of("text", "a rocket"));
        index.deleteImage("tiny.png");
        index.commit();
      }
      float[] asked = blip2.embedder().text("a rocket").embedding();
      Random random = new Random(SEED);
      Map<String, Integer> outcomes = new TreeMap<>();
      for (int i = 0; i < TRIES; i++) {
        Path copy = Files.createDirectory(folder.resolve("try " + i));
        String damage = damage(whole, copy, random);
        String outcome = outcome(copy, blip2, asked, i % 2 == 0);
        assertThat(outcome).as("seed %d, try %d: %s", SEED, i, damage).doesNotContain("!");
        outcomes.merge(outcome, 1, Integer::sum);
      }
      assertThat(outcomes.get("refused")).isGreaterThan(TRIES / 4);
    }
  }

  /** Copies an index, and damages one file of the copy. */
  private static String damage(Path whole, Path copy, Random random) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(whole)) {
      files = found.filter(f -> !f.endsWith("write.lock")).sorted().toList();
    }
    int victim = random.nextInt(files.size());
    String damage = "";
    for (int i = 0; i < files.size(); i++) {
      byte[] bytes = Files.readAllBytes(files.get(i));
      String name = files.get(i).getFileName().toString();
      if (i == victim && bytes.length > 0) {
        int at = random.nextInt(bytes.length);
        int kind = random.nextInt(4);
        damage = name + " at " + at + " kind " + kind;
        switch (kind) {
          case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> bytes = Arrays.copyOf(bytes, at);
          case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 16), (byte) 0xff);
          default -> bytes[at] = (byte) random.nextInt(256);
        }
      }
      Files.write(copy.resolve(name), bytes);
    }
    return damage;
  }

  /** What using it comes to; with a mark of exclamation if it is no error of ours. */
  private static String outcome(Path folder, Blip2 blip2, float[] asked, boolean reads) {
    try (Blip2Index index =
        reads ? Blip2Index.openReadOnly(folder, blip2) : Blip2Index.open(folder, blip2)) {
      index.images(asked, SearchOptions.best(3));
      index.images(asked, SearchOptions.best(3).withFilter(Map.of("type", "png")));
      index.texts();
      if (!reads) {
        index.addText("b", "two cats", Map.of());
        index.deleteImage("photo.jpg");
        index.commit();
      }
      return "worked";
    } catch (IndexException e) {
      return "refused";
    } catch (RuntimeException | Error e) {
      return "! " + e;
    }
  }
}
