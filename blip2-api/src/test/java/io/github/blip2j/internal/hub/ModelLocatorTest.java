package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that are here already, brought by this library or by Python's. */
class ModelLocatorTest {
  private static final String COMMIT = FakeHub.COMMIT;
  private static final List<String> FILES =
      List.of("config.json", "tokenizer.json", "generation_config.json", "model.safetensors");

  @TempDir Path home;
  private Path hub;
  private Path folder;
  private Path snapshot;

  @BeforeEach
  void download() throws IOException {
    hub = home.resolve(".cache/huggingface/hub");
    folder = hub.resolve("models--Owner--name.x");
    snapshot = folder.resolve("snapshots").resolve(COMMIT);
    Files.createDirectories(snapshot);
    Files.createDirectories(folder.resolve("blobs"));
    Files.createDirectories(folder.resolve("refs/refs/pr"));
    Files.writeString(folder.resolve("refs/main"), COMMIT);
    Files.writeString(folder.resolve("refs/refs/pr/7"), COMMIT + "\n");
    for (String file : FILES) {
      add(file, "{}");
    }
  }

  private void add(String name, String content) throws IOException {
    Files.writeString(folder.resolve("blobs").resolve(name + "-hash"), content);
    Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs", name + "-hash"));
  }

  private ModelLocator locator(Map<String, String> variables) {
    return new ModelLocator(locations(variables), seconds -> {});
  }

  private ModelLocator locator() {
    return locator(Map.of());
  }

  private Locations locations(Map<String, String> variables) {
    return new Locations(variables, home.toString(), "Linux", home, () -> home);
  }

  @Test
  void findsADirectoryAndADownloadedModel() {
    assertThat(locator().find(home.toString(), "main")).isEqualTo(home);
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
    assertThat(locator().find("Owner/name.x", COMMIT)).isEqualTo(snapshot);
    assertThat(locator().find("Owner/name.x", "refs/pr/7")).isEqualTo(snapshot);
    assertThat(locator().find("Owner/name.x@refs/pr/7", "main")).isEqualTo(snapshot);
    assertThat(locator().isHere("Owner/name.x", "main")).isTrue();
    assertThat(locator().isHere(home.toString(), "main")).isTrue();
    assertThat(locator().isHere("Owner/name.x@other", "main")).isFalse();
    assertThat(locator().isHere("Owner/other", "main")).isFalse();
  }

  @Test
  void theEnvironmentMovesTheCaches() throws IOException {
    Path moved = Files.move(hub, home.resolve("elsewhere"));
    Path there = moved.resolve("models--Owner--name.x/snapshots").resolve(COMMIT);
    for (Map<String, String> variables :
        List.of(
            Map.of("HF_HUB_CACHE", moved.toString()),
            Map.of("HF_HUB_CACHE", moved.toString(), "HF_HOME", "/none"))) {
      assertThat(locator(variables).find("Owner/name.x", "main")).isEqualTo(there);
    }
    assertThat(locations(Map.of("HF_HOME", "/hf")).hubCache()).isEqualTo(Path.of("/hf/hub"));
    assertThat(locations(Map.of("XDG_CACHE_HOME", "/xdg")).hubCache())
        .isEqualTo(Path.of("/xdg/huggingface/hub"));
    assertThat(locations(Map.of("XDG_CACHE_HOME", "/xdg")).derivedFiles())
        .isEqualTo(Path.of("/xdg/blip2"));
    assertThat(locations(Map.of("BLIP2_CACHE", "/own")).derivedFiles()).isEqualTo(Path.of("/own"));
    assertThat(locations(Map.of("BLIP2_CACHE", "")).derivedFiles())
        .isEqualTo(home.resolve(".cache/blip2"));
  }

  /** And says how to have it, in the words of this library's own command. */
  @Test
  void whatIsNotHereIsRefusedWithBothPlaces() {
    assertThatThrownBy(() -> locator().find("Owner/none", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Owner/none (revision main): expected a directory or a downloaded")
        .hasMessageContaining("models--Owner--none")
        .hasMessageContaining("`blip2 download Owner/none` brings it there");
    assertThatThrownBy(() -> locator().find("Owner/name.x", "v2"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("`blip2 download Owner/name.x --revision v2`");
  }

  @ParameterizedTest
  @CsvSource({
    "/not/there",
    "justaname",
    "../up",
    "a/b/c",
    "a/..",
    "a--b/c",
    "a/b.git",
    "/x",
    "x/",
    "a b/c",
    "-a/b",
    "a/b-",
    "a/'b\u0000'"
  })
  void whatIsNeitherADirectoryNorANameIsRefused(String name) {
    String text = name.replace("\\u0000", "\0");
    assertThatThrownBy(() -> locator().find(text, "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(text + ": expected a checkpoint directory or owner/name");
    assertThatThrownBy(() -> locator().isHere(text, "main"))
        .isInstanceOf(CheckpointException.class);
  }

  @ParameterizedTest
  @CsvSource({"../../x", "a/../b", "/a", "a/", "a//b", "''", "a b", "a:b", "."})
  void aRevisionIsNoPathOutOfTheFolder(String revision) {
    assertThatThrownBy(() -> locator().find("Owner/name.x", revision))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a branch, a tag or a commit as the revision");
  }

  @Test
  void twoRevisionsAreOneTooMany() {
    assertThatThrownBy(() -> locator().find("Owner/name.x@v1", "v2"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected one revision, found also \"v2\"");
  }

  @ParameterizedTest
  @CsvSource({"config.json", "tokenizer.json", "model.safetensors"})
  void anInterruptedDownloadIsNotTakenForAWholeModel(String file) throws IOException {
    Files.delete(folder.resolve("blobs").resolve(file + "-hash")); // the link leads nowhere
    assertThat(locator().isHere("Owner/name.x", "main")).isFalse();
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected all of its files in " + snapshot)
        .hasMessageContaining("found no " + file + ";")
        .hasMessageContaining("`blip2 download Owner/name.x` brings what is missing");
  }

  @Test
  void missingShardsAreNamed() throws IOException {
    Files.delete(snapshot.resolve("model.safetensors"));
    add(
        "model.safetensors.index.json",
        "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}");
    add("one.safetensors", "x");
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no two.safetensors;");
    add("two.safetensors", "x");
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
  }

  /** Python's client keeps the whole listing: what it has and is not here was never transferred. */
  @Test
  void aListingTellsOfFilesThatCouldOtherwiseBeLeftOut() throws IOException {
    Path trees = Files.createDirectory(folder.resolve("trees"));
    Files.writeString(
        trees.resolve(COMMIT + ".json"),
        "{\"format_version\":1,\"files\":{\"config.json\":{},\"tokenizer.json\":{},"
            + "\"preprocessor_config.json\":{},\"README.md\":{},\"pytorch_model.bin\":{},"
            + "\"model.safetensors\":{}}}");
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no preprocessor_config.json;");
    add("preprocessor_config.json", "{}");
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
    Files.writeString(trees.resolve(COMMIT + ".json"), "damaged");
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
  }

  /** The store that all models of a cache share: a blob is a link itself. */
  @Test
  void aBlobMayBeALinkIntoTheSharedStore() throws IOException {
    Path store = Files.createDirectories(hub.resolve("blobs/ab"));
    Path blob = folder.resolve("blobs/model.safetensors-hash");
    Files.move(blob, store.resolve("ab12"));
    Files.createSymbolicLink(blob, Path.of("../../blobs/ab/ab12"));
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
    assertThat(snapshot.resolve("model.safetensors")).hasContent("{}");
  }

  @Test
  void aLinkOutOfTheCacheIsRefused() throws IOException {
    Path outside = Files.writeString(home.resolve("outside"), "{}");
    Path blob = folder.resolve("blobs/tokenizer.json-hash");
    Files.delete(blob);
    Files.createSymbolicLink(blob, outside);
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json: expected a file in " + hub)
        .hasMessageContaining("found a link to");
  }

  private void instructed() throws IOException {
    Files.writeString(
        folder.resolve("blobs/config.json-hash"), "{\"model_type\":\"instructblip\"}");
  }

  /** Downloads of versions that did not know of the second tokenizer. */
  @Test
  void aModelThatReadsInstructionsIsNotHereWithoutItsSecondTokenizer() throws IOException {
    instructed();
    assertThat(locator().isHere("Owner/name.x", "main")).isFalse();
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no qformer_tokenizer/tokenizer.json; `blip2 download Owner/");
    Path inner = Files.createDirectory(snapshot.resolve("qformer_tokenizer"));
    Files.writeString(folder.resolve("blobs/inner-hash"), "{}");
    Files.createSymbolicLink(inner.resolve("tokenizer.json"), Path.of("../../../blobs/inner-hash"));
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
  }

  @Test
  void theSecondTokenizerIsNoLinkOutOfTheCache() throws IOException {
    instructed();
    Path outside = Files.createDirectory(home.resolve("outside"));
    Files.writeString(outside.resolve("tokenizer.json"), "{}");
    Files.createSymbolicLink(snapshot.resolve("qformer_tokenizer"), outside);
    assertThatThrownBy(() -> locator().find("Owner/name.x", "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("qformer_tokenizer/tokenizer.json: expected a file in " + hub);
  }

  /** What is no settings file is said by who reads it, with its place. */
  @ParameterizedTest
  @CsvSource({"{", "[]", "''", "{\"model_type\":7}"})
  void settingsThatAreDamagedAreThere(String text) throws IOException {
    Files.writeString(folder.resolve("blobs/config.json-hash"), text);
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
  }

  /** A cache, or a model's folder, that was moved to a larger disk and linked. */
  @Test
  void foldersMayBeLinks() throws IOException {
    Path moved = Files.move(folder, home.resolve("large-disk"));
    Files.createSymbolicLink(folder, moved);
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
    Path whole = Files.move(hub, home.resolve("whole"));
    Files.createSymbolicLink(hub, whole);
    assertThat(locator().find("Owner/name.x", "main")).isEqualTo(snapshot);
  }
}
