package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder that a conversion writes, and what is refused of one. */
class BundleTest {
  private static final String WEIGHT = "qformer.encoder.layer.0.attention.attention.query.weight";

  @TempDir Path folder;

  private Path original() throws IOException {
    Path original = Fixtures.copy("tiny-opt", folder.resolve("tiny"));
    Files.writeString(original.resolve("README.md"), "---\nlicense: mit\n---\n# Tiny\n");
    Files.writeString(original.resolve("LICENSE.txt"), "do what you like");
    Files.writeString(original.resolve("notes.txt"), "not the model's");
    return original;
  }

  private Path converted() throws IOException {
    Path bundle = folder.resolve("bundle");
    Blip2.builder().model(original()).recipe(Recipe.EXACT).convert(bundle);
    return bundle;
  }

  private static JsonNode described(Path bundle) throws IOException {
    return new ObjectMapper().readTree(bundle.resolve("bundle.json").toFile());
  }

  @Test
  void itSaysWhereItComesFromAndHowItWasMade() throws IOException {
    Path bundle = converted();
    JsonNode described = described(bundle);
    assertThat(described.path("layout").asInt()).isEqualTo(1);
    assertThat(described.path("written_by").asText()).startsWith("blip2j ");
    assertThat(described.path("backend").asText()).isEqualTo("arrays");
    assertThat(described.path("precisions").path("language").asText()).isEqualTo("float32");
    assertThat(described.path("licence").asText()).isEqualTo("mit");
    assertThat(described.path("source").path("model").asText()).isEqualTo("tiny"); // no path
    assertThat(described.path("source").path("identity").asText())
        .isEqualTo(Checkpoint.open(folder.resolve("tiny")).identity());
    Bundle.About about = Objects.requireNonNull(Checkpoint.open(bundle).bundle()).about();
    assertThat(about)
        .isEqualTo(
            new Bundle.About(
                new Bundle.Origin("tiny", "", "mit"), "arrays", Precisions.of(Precision.FLOAT32)));
  }

  /** With the licence, and without what is not the model's. */
  @Test
  void itHasWhatBelongsToTheModel() throws IOException {
    Path bundle = converted();
    try (Stream<Path> files = Files.list(bundle)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains("config.json", "tokenizer.json", "model.safetensors", "README.md")
          .contains("LICENSE.txt", "SHA256SUMS", "bundle.json", "processor_config.json")
          .doesNotContain("notes.txt", ".lock");
    }
    assertThat(bundle.resolve("config.json"))
        .hasSameBinaryContentAs(folder.resolve("tiny").resolve("config.json"));
  }

  /** Anyone can check it with {@code sha256sum -c SHA256SUMS}. */
  @Test
  void everyFileHasItsDigest() throws Exception {
    Path bundle = converted();
    List<String> expected = new ArrayList<>();
    try (Stream<Path> files = Files.list(bundle)) {
      for (Path file : files.toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        expected.add(HexFormat.of().formatHex(digest) + "  " + file.getFileName());
      }
    }
    expected.removeIf(line -> line.endsWith("SHA256SUMS"));
    List<String> lines = Files.readAllLines(bundle.resolve("SHA256SUMS"));
    assertThat(lines).containsExactlyInAnyOrderElementsOf(expected);
    JsonNode files = described(bundle).path("files");
    assertThat(files).hasSize(lines.size() - 1); // not of itself
    files
        .properties()
        .forEach(
            e ->
                assertThat(lines)
                    .contains(e.getValue().path("sha256").asText() + "  " + e.getKey()));
  }

  @Test
  void itIsRunAsTheCheckpointIs() throws IOException {
    Path bundle = converted();
    ImageSource image = ImageSource.of(Fixtures.image("tiny.png"));
    try (Blip2 expected = Blip2.load(folder.resolve("tiny"));
        Blip2 found = Blip2.load(bundle)) {
      assertThat(found.caption(image).tokenIds()).isEqualTo(expected.caption(image).tokenIds());
    }
  }

  @Test
  void whatWasChangedSinceIsRefused() throws IOException {
    Path bundle = converted();
    Path config = bundle.resolve("config.json");
    byte[] right = Files.readAllBytes(config);
    byte[] other = right.clone();
    other[right.length - 2] = ' ';
    other[right.length - 1] = '}';
    Files.write(config, other);
    assertRefused(bundle, "config.json: expected SHA-256 ");
    Files.writeString(config, "{}");
    assertRefused(bundle, "config.json: expected " + right.length + " bytes as when");
    Files.write(config, right);
    Checkpoint.open(bundle);
    Files.delete(bundle.resolve("README.md"));
    assertRefused(bundle, "found no such file; copy or convert it again");
  }

  @Test
  void aWeightFileThatWasCutOrChangedIsRefused() throws IOException {
    Path bundle = converted();
    Path file = bundle.resolve("model.safetensors");
    byte[] right = Files.readAllBytes(file);
    byte[] flipped = right.clone();
    flipped[right.length - 1] ^= 1;
    Files.write(file, flipped);
    assertRefused(bundle, "model.safetensors: expected SHA-256 ");
    Files.write(file, java.util.Arrays.copyOf(right, right.length / 2));
    assertRefused(bundle, "model.safetensors: expected");
  }

  @Test
  void anotherLayoutIsRefusedWithTheReason() throws IOException {
    Path bundle = converted();
    edit(bundle, root -> root.put("layout", 2).put("written_by", "blip2j 9.0"));
    assertRefused(
        bundle,
        "layout: expected 1, which this version of the library reads, found 2, written by blip2j"
            + " 9.0; use that version, or convert the original checkpoint again");
    edit(bundle, root -> root.remove("layout"));
    assertRefused(bundle, "layout: expected 1");
  }

  @Test
  void namesOutsideOfTheFolderAreRefused() throws IOException {
    Path bundle = converted();
    Files.writeString(folder.resolve("outside"), "x");
    edit(bundle, root -> ((ObjectNode) root.path("files")).putObject("../outside").put("bytes", 1));
    assertRefused(bundle, "expected names of files in its folder, found ../outside");
  }

  @Test
  void namesThatNoFileCanHaveAreRefused() throws IOException {
    Path bundle = converted();
    edit(bundle, root -> ((ObjectNode) root.path("files")).putObject("a\0b").put("bytes", 1));
    assertRefused(bundle, "expected names of files in its folder, found a\\u0000b");
  }

  @Test
  void anOriginalThatIsReplacedMeanwhileGivesNoBundle() throws IOException {
    Path original = original();
    Checkpoint checkpoint = Checkpoint.open(original);
    List<PreparedWeight> weights =
        checkpoint.weights().all().stream()
            .map(weight -> PreparedWeight.of(weight, PreparedWeight.PLAIN, weight.dtype()))
            .toList();
    Bundle.About about =
        new Bundle.About(
            Bundle.Origin.of("owner/tiny", "main", checkpoint),
            "other",
            Precisions.of(Precision.FLOAT32));
    Path bundle = folder.resolve("bundle");
    LoadListener replacing =
        (stage, done, total) -> {
          if (done == 0) {
            Checkpoints.replace(original.resolve("model.safetensors"));
          }
        };
    Bundle.Contents contents = new Bundle.Contents(checkpoint, about, weights);
    assertThatThrownBy(() -> contents.write(bundle, replacing))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model.safetensors: expected ")
        .hasMessageContaining("it was replaced while it was read");
    assertThat(bundle).doesNotExist();
    contents.write(bundle, LoadListener.NONE);
  }

  /** A disk's own {@code lost+found} may not be read. */
  @Test
  void foldersThatAreNotTheModelsAreNotLookedInto() throws IOException {
    Path original = original();
    for (String name : List.of("lost+found", "qformer_tokenizer")) {
      Path inner = Files.createDirectories(original.resolve(name));
      Files.writeString(inner.resolve("tokenizer.json"), "{}");
    }
    List<String> names =
        CopiedFiles.of(original).stream().map(f -> CopiedFiles.nameIn(original, f)).toList();
    assertThat(names)
        .contains("config.json", "notes.txt", "qformer_tokenizer/tokenizer.json")
        .doesNotContain("lost+found/tokenizer.json")
        .isSorted();
  }

  @Test
  void whatItDoesNotSayIsRefused() throws IOException {
    Path bundle = converted();
    edit(bundle, root -> ((ObjectNode) root.path("precisions")).put("vision", "int3"));
    assertRefused(bundle, "vision: precision (int3) must be one of");
    edit(bundle, root -> root.remove("precisions"));
    assertRefused(bundle, "precisions: vision: expected");
  }

  /** As a backend with forms of its own writes it: the weight is there under the form's name. */
  private Path prepared() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(original());
    List<PreparedWeight> weights = new ArrayList<>();
    for (WeightTensor weight : checkpoint.weights().all()) {
      weights.add(
          weight.name().equals(WEIGHT)
              ? new PreparedWeight(
                  weight,
                  "bits",
                  List.of(
                      new SafetensorsWriter.Entry(
                          PreparedWeight.name(WEIGHT, "bits"), DType.U8, List.of(5L))),
                  writer -> writer.write(ByteBuffer.wrap("five!".getBytes(StandardCharsets.UTF_8))))
              : PreparedWeight.of(weight, PreparedWeight.PLAIN, weight.dtype()));
    }
    Bundle.About about =
        new Bundle.About(
            Bundle.Origin.of("owner/tiny", "main", checkpoint),
            "other",
            Precisions.of(Precision.INT4));
    Path bundle = folder.resolve("bundle");
    new Bundle.Contents(checkpoint, about, weights).write(bundle, LoadListener.NONE);
    return bundle;
  }

  @Test
  void aPreparedWeightHasItsOwnNameAndShape() throws IOException {
    Checkpoint bundle = Checkpoint.open(prepared());
    WeightTensor before =
        Checkpoint.open(folder.resolve("tiny")).weights().all().stream()
            .filter(t -> t.name().equals(WEIGHT))
            .findFirst()
            .orElseThrow();
    WeightTensor found =
        bundle.weights().tensor(WEIGHT, before.shape().get(0), before.shape().get(1));
    assertThat(found.dtype()).isEqualTo(DType.PREPARED);
    assertThat(bundle.weights().has(WEIGHT + ".bits")).isFalse();
    assertThat(bundle.program()).isNotNull(); // names and shapes are those of any checkpoint
    Bundle about = Objects.requireNonNull(bundle.bundle());
    assertThat(about.forms()).containsExactly("bits");
    assertThat(about.about().origin()).isEqualTo(new Bundle.Origin("owner/tiny", "main", "mit"));
    assertThatThrownBy(() -> about.requireReadable(found, "more-bits"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(WEIGHT + ": expected it as more-bits, found [bits]")
        .hasMessageContaining("float32,float32,int4");
  }

  @Test
  void aBackendThatCannotReadItsFormsRefusesByName() throws IOException {
    Path bundle = prepared();
    assertThatThrownBy(() -> Blip2.load(bundle).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "bundle of owner/tiny in float32,float32,int4: expected backend other, which reads"
                + " weights as [bits], found arrays; choose that backend, or convert the original"
                + " checkpoint again for this one");
  }

  @Test
  void aPreparedWeightWithoutValuesIsRefused() throws IOException {
    Path bundle = prepared();
    edit(
        bundle,
        root -> ((ObjectNode) root.path("weights").path(WEIGHT)).putArray("forms").add("no-bits"));
    assertRefused(bundle, WEIGHT + ": expected its values as \"no-bits\", found none");
  }

  @Test
  void whatABundleDoesNotHaveIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path original = original();
    Path target = folder.resolve("bundle");
    Blip2Builder builder = Blip2.builder().model(original);
    assertThatThrownBy(() -> builder.convert(target))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("precisions or a recipe must be chosen");
    builder.recipe(Recipe.EXACT);
    assertThatThrownBy(() -> builder.imageSize(56).convert(target))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("imageSize and draft must be chosen when a bundle is loaded");
    assertThatThrownBy(
            () -> Blip2.builder().model(original).precision(Precision.INT4).convert(target))
        .hasMessageContaining("arrays: precision: expected float32, float16 or bfloat16");
    assertThat(target).doesNotExist();
  }

  private static void edit(Path bundle, Consumer<ObjectNode> change) {
    Checkpoints.edit(bundle.resolve("bundle.json"), change);
  }

  private static void assertRefused(Path bundle, String reason) {
    assertThatThrownBy(() -> Checkpoint.open(bundle))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(reason);
  }
}
