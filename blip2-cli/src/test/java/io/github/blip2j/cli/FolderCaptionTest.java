package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.cli.host.ChildJvm;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts about whole folders: complete, each once, whatever ends a run. */
class FolderCaptionTest {
  private static final int IMAGES = 80;
  private static final int BROKEN = 6;

  /** Most images that a run does before it is killed. */
  private static final int KILLED = IMAGES / 5;

  private static final String OPT = Fixtures.directory("tiny-opt").toString();

  @TempDir Path folder;

  private static void draw(Path file, Random random) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, 64, 64);
    pen.setColor(new Color(random.nextInt(1 << 24)));
    pen.fillOval(random.nextInt(20), random.nextInt(20), 20 + random.nextInt(20), 30);
    pen.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  /** Images in three folders, of which every thirteenth is no image. */
  private Path images() throws IOException {
    Random random = new Random(7);
    Path root = folder.resolve("photos");
    for (int i = 0; i < IMAGES; i++) {
      Path place = Files.createDirectories(root.resolve("album " + i % 3));
      Path file = place.resolve("image-" + i + ".png");
      if (i % (IMAGES / BROKEN) == 3) {
        Files.writeString(file, "broken " + i);
      } else {
        draw(file, random);
      }
    }
    return root;
  }

  private Process started(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out.txt").toFile())
        .redirectError(folder.resolve("err.txt").toFile())
        .start();
  }

  /** Lines that are whole. */
  private static List<String> lines(Path journal) throws IOException {
    if (!Files.exists(journal)) {
      return List.of();
    }
    String text = Files.readString(journal, StandardCharsets.ISO_8859_1);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Kills a run when so many images are done, and gives what its journal has then. */
  private List<String> killed(Path journal, int images, String... arguments) throws Exception {
    Process process = started(arguments);
    while (process.isAlive() && lines(journal).size() <= images) {
      process.waitFor(2, TimeUnit.MILLISECONDS);
    }
    process.destroyForcibly().waitFor();
    String err = Files.readString(folder.resolve("err.txt"));
    assertThat(process.exitValue()).as("killed, not done: %s", err).isEqualTo(128 + 9);
    return lines(journal);
  }

  @Test
  void aRunThatIsKilledTwiceHasEachRowOnce() throws Exception {
    Path root = images();
    Path output = folder.resolve("alt-text.jsonl");
    Path journal = folder.resolve("alt-text.jsonl.journal");
    String[] arguments = {"caption", "--output", output.toString(), root.toString()};
    Random random = new Random();
    int first = 1 + random.nextInt(KILLED);
    List<String> one = killed(journal, first, arguments);
    assertThat(output).doesNotExist();
    // Whatever is done is not looked at again: it would be a failure now.
    Path done = Path.of(Output.MAPPER.readTree(one.get(1)).get("image").textValue());
    Files.writeString(done, "broken later");
    List<String> two = killed(journal, one.size() + random.nextInt(KILLED), arguments);
    assertThat(two).startsWith(one.toArray(String[]::new)).hasSizeGreaterThan(one.size());
    Process last = started(arguments);
    assertThat(last.waitFor(10, TimeUnit.MINUTES)).isTrue();
    String err = Files.readString(folder.resolve("err.txt"));
    assertThat(last.exitValue()).as(err).isEqualTo(1);
    assertThat(err).contains((two.size() - 1) + " of " + IMAGES + " images were done before");
    assertThat(err)
        .contains("alt-text.jsonl: " + (IMAGES - BROKEN) + " images, " + BROKEN + " failed");
    assertThat(err.lines().filter(l -> l.startsWith("blip2: "))).hasSize(BROKEN);
    assertThat(journal).doesNotExist();
    requireComplete(output);
  }

  private static void requireComplete(Path output) throws IOException {
    Set<String> seen = new HashSet<>();
    int captions = 0;
    int reasons = 0;
    for (String line : Files.readAllLines(output)) {
      JsonNode row = Output.MAPPER.readTree(line);
      String image = row.get("image").textValue();
      assertThat(seen.add(image)).as(image).isTrue();
      int number = Integer.parseInt(image.replaceAll(".*image-(\\d+)\\.png", "$1"));
      boolean broken = number % (IMAGES / BROKEN) == 3;
      assertThat(row.has("error")).as(line).isEqualTo(broken);
      captions += broken ? 0 : 1;
      reasons += broken ? 1 : 0;
      assertThat(broken ? row.get("error").textValue() : row.get("text").textValue()).isNotBlank();
    }
    assertThat(captions).isEqualTo(IMAGES - BROKEN);
    assertThat(reasons).isEqualTo(BROKEN);
  }

  private Path few(int count) throws IOException {
    Path root = Files.createDirectories(folder.resolve("few"));
    Random random = new Random(3);
    for (int i = 0; i < count; i++) {
      draw(root.resolve(i + ".png"), random);
    }
    return root;
  }

  /** Batched or not, the rows are those that the command prints about one image. */
  @Test
  void theRowsAreThoseOfOneImageEach() throws Exception {
    Path root = few(5);
    Path output = folder.resolve("all.jsonl");
    String[] asked = {"--model", OPT, "--prompt", "a photo of", "--question", "what is it?"};
    List<String> all = new ArrayList<>(List.of("caption"));
    all.addAll(List.of(asked));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      List<String> one = new ArrayList<>(all);
      one.addAll(List.of("--json", root.resolve(i + ".png").toString()));
      Run.of(one.toArray(String[]::new)).out().lines().forEach(expected::add);
    }
    all.addAll(List.of("--batch", "3", "--output", output.toString(), root.toString()));
    Run run = Run.of(all.toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    List<String> found = Files.readAllLines(output);
    assertThat(found).hasSize(10);
    for (int i = 0; i < 10; i++) {
      JsonNode row = Output.MAPPER.readTree(found.get(i));
      JsonNode one = Output.MAPPER.readTree(expected.get(i));
      for (String key : List.of("image", "prompt", "text", "token_ids", "finish_reason")) {
        assertThat(row.get(key)).as(found.get(i)).isEqualTo(one.get(key));
      }
      assertThat(row.get("prompt").textValue())
          .isEqualTo(i % 2 == 0 ? "a photo of" : "what is it?");
    }
  }

  @Test
  void sharesTogetherAreTheWhole() throws Exception {
    Path root = few(9);
    Set<String> images = new HashSet<>();
    for (int i = 1; i <= 3; i++) {
      Path output = folder.resolve("part-" + i + ".csv");
      Run run =
          Run.of(
              "caption",
              "--model",
              OPT,
              "--max-new-tokens",
              "1",
              "--shard",
              i + "/3",
              "--output",
              output.toString(),
              root.toString());
      assertThat(run.status()).as(run.err()).isZero();
      List<String> lines = Files.readAllLines(output);
      assertThat(lines.get(0)).isEqualTo("image,prompt,text,error");
      lines.subList(1, lines.size()).forEach(l -> assertThat(images.add(l.split(",")[0])).isTrue());
    }
    assertThat(images).hasSize(9);
  }

  @Test
  void whatIsThereIsNotWrittenOver() throws Exception {
    Path root = few(1);
    Path output = Files.writeString(folder.resolve("mine.csv"), "mine");
    Run run = Run.of("caption", "--output", output.toString(), root.toString());
    assertThat(run.status()).isNotZero();
    assertThat(run.err())
        .contains("expected a file that is not there")
        .contains("delete or rename");
    assertThat(output).hasContent("mine");
  }

  /** A file without an image is a row with a reason, and so is one that is not there. */
  @Test
  void imagesThatFailAreRowsInEveryPlaceOfABatch() throws Exception {
    Path root = few(3);
    Files.writeString(root.resolve("1.png"), "no image");
    String none = root.resolve("none.png").toString();
    Path output = folder.resolve("some.csv");
    Run run =
        Run.of(
            "caption",
            "--model",
            OPT,
            "--max-new-tokens",
            "1",
            "--output",
            output.toString(),
            none,
            root.toString());
    assertThat(run.status()).isEqualTo(1);
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).hasSize(5);
    assertThat(lines.get(1)).startsWith(none + ",,,");
    assertThat(lines.get(2)).startsWith(root.resolve("0.png") + ",,").endsWith(",");
    assertThat(lines.get(3)).contains("1.png: expected");
    assertThat(lines.get(4)).startsWith(root.resolve("2.png") + ",,").endsWith(",");
  }

  /** Only its own row: the model takes all the others. */
  @Test
  void anImageThatAnotherCheckpointEncodedIsARow() throws Exception {
    Path root = few(2);
    String own = encoded("tiny-opt", root.resolve("0.png"));
    String foreign = encoded("tiny-itm", root.resolve("0.png"));
    Path output = folder.resolve("mixed.csv");
    Run run =
        Run.of(
            "caption",
            "--model",
            OPT,
            "--max-new-tokens",
            "1",
            "--output",
            output.toString(),
            own,
            foreign,
            root.toString());
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(foreign + ": encoded image: expected one of checkpoint");
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).hasSize(5);
    assertThat(lines.get(2)).startsWith(foreign + ",,,").contains("expected one of checkpoint");
    for (int i : new int[] {1, 3, 4}) {
      assertThat(lines.get(i)).as("a text and no reason").endsWith(",");
    }
    assertThat(lines.get(1)).startsWith(own);
    assertThat(folder.resolve("mixed.csv.journal")).doesNotExist();
  }

  private String encoded(String model, Path image) {
    Path file = folder.resolve(model + ".safetensors");
    try (Blip2 blip2 = Blip2.load(Fixtures.directory(model))) {
      blip2.encode(ImageSource.of(image)).save(file);
    }
    return file.toString();
  }

  /** They make other texts, of turned images, and other failures. */
  @Test
  void otherImageOptionsAreAnotherRun() throws Exception {
    Path root = few(2);
    String output = folder.resolve("alt.csv").toString();
    List<String> asked = List.of("caption", "--model", OPT, "--max-new-tokens", "1");
    List<String> where = List.of("--output", output, root.toString());
    Path inTheWay = Files.createDirectory(folder.resolve("alt.csv.partial"));
    assertThat(caption(List.of(asked, where)).err()).contains("alt.csv: cannot be written");
    Files.delete(inTheWay);
    for (String other : List.of("--exif-orientation", "--max-pixels=5000")) {
      Run run = caption(List.of(asked, List.of(other), where));
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.err()).contains("expected a run of image options");
    }
    Run run = caption(List.of(asked, where));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("2 of 2 images were done before");
  }

  private static Run caption(List<List<String>> arguments) {
    return Run.on(arguments.stream().flatMap(List::stream).toList());
  }

  @Test
  void anotherQuestionIsAnotherRun() throws Exception {
    Path root = few(2);
    Path journal = folder.resolve("alt.csv.journal");
    Files.writeString(journal, "{\"asked\":{\"checkpoint\":\"another\"}}\n");
    Run run =
        Run.of(
            "caption",
            "--model",
            OPT,
            "--output",
            folder.resolve("alt.csv").toString(),
            root.toString());
    assertThat(run.status()).isNotZero();
    assertThat(run.err()).contains("expected a run of checkpoint").contains("found another");
    assertThat(journal).exists();
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefused() {
    for (List<String> options :
        List.of(
            List.of("--output", "x.csv", "--json"),
            List.of("--output", "x.csv", "--stream"),
            List.of("--shard", "1/2"),
            List.of("--batch", "2"),
            List.of("--output", "x.csv", "--batch", "0"))) {
      List<String> all = new ArrayList<>(List.of("caption", "a.png"));
      all.addAll(options);
      Run run = Run.of(all.toArray(String[]::new));
      assertThat(run.status()).as("%s", options).isNotZero();
      assertThat(run.err().lines()).as("%s", options).hasSize(1);
    }
  }
}
