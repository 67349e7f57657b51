package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What filling an index keeps when it is ended, and what it goes on behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class IndexAddTest {
  private static final Path ITM = Fixtures.directory("tiny-itm");
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("tiny.png"));

  @TempDir static Path folder;

  private Blip2 blip2;
  private String own;
  private String foreign;
  private String broken;

  @BeforeAll
  void prepare() throws IOException {
    blip2 = Blip2.load(ITM);
    own = folder.resolve("own.safetensors").toString();
    blip2.encode(IMAGE).save(Path.of(own));
    foreign = folder.resolve("foreign.safetensors").toString();
    try (Blip2 other = Blip2.load(Fixtures.directory("tiny-opt"))) {
      other.encode(IMAGE).save(Path.of(foreign));
    }
    broken = Files.writeString(folder.resolve("broken.png"), "no image").toString();
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private static String[] add(Path index, List<String> images) {
    List<String> arguments = new ArrayList<>(List.of("index", "add", "--json"));
    arguments.addAll(List.of("--model", ITM.toString(), "--index", index.toString()));
    arguments.addAll(images);
    return arguments.toArray(String[]::new);
  }

  @Test
  void whatCannotBeUsedIsToldAndTheOthersAreAdded() throws IOException {
    String damaged = Files.writeString(folder.resolve("damaged.safetensors"), "none").toString();
    String last = Fixtures.image("tiny.png").toString();
    Path index = folder.resolve("mixed");
    Run run = Run.of(add(index, List.of(foreign, damaged, own, broken, last)));
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.json().get(0).get("images").intValue()).isEqualTo(2);
    List<String> told = run.err().lines().filter(line -> line.startsWith("blip2: ")).toList();
    assertThat(told).hasSize(3);
    assertThat(told.get(0)).contains(foreign + ": encoded image: expected one of checkpoint");
    assertThat(told.get(1)).contains(damaged);
    assertThat(told.get(2)).contains(broken);
    List<String> ids = new ArrayList<>();
    try (Blip2Index opened = Blip2Index.openReadOnly(index, blip2)) {
      opened.forEachImage(image -> ids.add(image.id()));
    }
    assertThat(ids).containsExactlyInAnyOrder(own, last);
  }

  /** An image that is there is not even read again. */
  @Test
  void onlyNewImagesAreAdded() throws IOException {
    Path index = folder.resolve("twice");
    Path image = Files.copy(Fixtures.image("tiny.png"), folder.resolve("once.png"));
    assertThat(Run.of(add(index, List.of(image.toString()))).status()).isZero();
    Files.writeString(image, "no image any more");
    List<String> both = List.of(image.toString(), own);
    Run all = Run.of(add(index, both));
    assertThat(all.status()).isEqualTo(1);
    assertThat(all.err()).contains("once.png");
    Run.of("index", "delete", "--model", ITM.toString(), "--index", index.toString(), own);
    List<String> arguments = new ArrayList<>(List.of("--only-new"));
    arguments.addAll(both);
    Run added = Run.of(add(index, arguments));
    assertThat(added.status()).as(added.err()).isZero();
    assertThat(added.json().get(0).get("images").intValue()).isEqualTo(2);
    Run none = Run.of(add(index, arguments));
    assertThat(none.status()).as(none.err()).isZero();
    assertThat(none.json().get(0).get("images").intValue()).isEqualTo(2);
  }

  /** As a reader sees it at that moment, and as it would be if the process ended there. */
  private final class Kept extends StringWriter {
    private final Path index;
    private final String behind;
    private int images = -1;

    Kept(Path index, String behind) {
      this.index = index;
      this.behind = behind;
    }

    @Override
    public void write(String text, int offset, int length) {
      super.write(text, offset, length);
      if (text.contains(behind)) {
        try (Blip2Index opened = Blip2Index.openReadOnly(index, blip2)) {
          images = opened.images();
        }
      }
    }
  }

  @Test
  void whatHasBeenAddedLastsWhileItGoesOn() {
    assertThat(kept(IndexCommand.KEPT_TOGETHER - 1)).isZero();
    assertThat(kept(IndexCommand.KEPT_TOGETHER)).isEqualTo(1);
  }

  /** Images that last when one image has been added so many times. */
  private int kept(int times) {
    Path index = folder.resolve(times + " times");
    List<String> images = new ArrayList<>(Collections.nCopies(times, own));
    images.add(broken);
    String[] all = add(index, images);
    Kept err = new Kept(index, "broken.png");
    CommandLine line =
        Main.commandLine(all)
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err));
    assertThat(Main.run(line, all)).as(err.toString()).isEqualTo(1);
    return err.images;
  }
}
