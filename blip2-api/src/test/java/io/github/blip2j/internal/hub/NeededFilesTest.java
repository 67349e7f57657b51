package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files of a revision are had, and how one is had piece by piece. */
class NeededFilesTest {
  private static final String INDEX = "model.safetensors.index.json";
  private static final byte[] CONTENT = "the content of a file".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "model.safetensors pytorch_model.bin,model.safetensors",
    "model.safetensors.index.json pytorch_model.bin,model.safetensors.index.json",
    "pytorch_model.bin pytorch_model.bin.index.json,pytorch_model.bin",
    "pytorch_model.bin.index.json,pytorch_model.bin.index.json"
  })
  void oneFormOfTheWeightsIsTaken(String present, String expected) {
    Set<String> files = Set.of(present.split(" "));
    assertThat(NeededFiles.MODEL.weights(files::contains)).contains(expected);
    assertThat(NeededFiles.namesOthers(expected)).isEqualTo(expected.endsWith(".json"));
  }

  @Test
  void otherFormsAreNone() {
    Set<String> files = Set.of("flax_model.msgpack", "model-00001-of-00002.safetensors");
    assertThat(NeededFiles.MODEL.weights(files::contains)).isEmpty();
    assertThat(NeededFiles.MODEL.expectedWeights())
        .isEqualTo("model.safetensors or pytorch_model.bin, whole or in parts");
  }

  @Test
  void settingsAreThoseThatAreThere() {
    Set<String> files = Set.of("tokenizer.json", "config.json", "README.md", "vocab.json");
    assertThat(NeededFiles.MODEL.settings(files::contains))
        .containsExactly("config.json", "tokenizer.json");
    for (NeededFiles kind : NeededFiles.values()) {
      assertThat(kind.settings(f -> true)).containsAll(kind.required("instructblip"));
    }
  }

  /** Only its Q-Former reads, with a tokenizer of its own; of nothing else is it expected. */
  @Test
  void whatIsRequiredDependsOnTheModel() {
    Set<String> files = Set.of("config.json", "tokenizer.json", "model.safetensors.index.json");
    assertThat(NeededFiles.MODEL.lacking(files::contains, "")).isEmpty();
    assertThat(NeededFiles.MODEL.lacking(files::contains, "blip-2")).isEmpty();
    assertThat(NeededFiles.MODEL.lacking(files::contains, "instructblip"))
        .containsExactly("qformer_tokenizer/tokenizer.json");
    assertThat(NeededFiles.ADAPTER.lacking(files::contains, "instructblip"))
        .containsExactly(
            "adapter_config.json",
            "adapter_model.safetensors or adapter_model.bin, whole or in parts");
  }

  private static List<String> named(String file, String content) {
    return NeededFiles.named(file, content.getBytes(StandardCharsets.UTF_8), "index");
  }

  @Test
  void aBundleNamesAllOfItsFiles() {
    assertThat(NeededFiles.namesOthers("bundle.json")).isTrue();
    assertThat(
            named(
                "bundle.json",
                "{\"layout\":1,\"files\":{\"LICENSE.txt\":{},\"config.json\":{},"
                    + "\"qformer_tokenizer/tokenizer.json\":{}}}"))
        .containsExactly("LICENSE.txt", "config.json", "qformer_tokenizer/tokenizer.json");
    assertThat(named("bundle.json", "{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "/x", "a/../x", "a/b/c", "a//b", ".x", "a/.x", "a\\\\b", ""})
  void aBundleNamesNoPlaceElsewhere(String name) {
    assertThatThrownBy(() -> named("bundle.json", "{\"files\":{\"" + name + "\":{}}}"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("index: files: expected names of files, found ");
  }

  private static byte[] index(String map) {
    return ("{\"metadata\":{},\"weight_map\":" + map.replace('\'', '"') + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anIndexNamesEachPartOnce() {
    byte[] index = index("{'a':'m-2.safetensors','b':'m-1.safetensors','c':'m-2.safetensors'}");
    assertThat(NeededFiles.named(INDEX, index, "index"))
        .containsExactly("m-2.safetensors", "m-1.safetensors");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'a':'../x'}",
        "{'a':'/x'}",
        "{'a':'x/y'}",
        "{'a':'x\\\\y'}",
        "{'a':'.x'}",
        "{'a':''}",
        "{'a':3}",
        "{'a':null}",
        "{'a':['x']}",
        "{'a':'x\\u0000'}"
      })
  void aPartIsAFileBesideItsIndex(String map) {
    assertThatThrownBy(() -> NeededFiles.named(INDEX, index(map), INDEX))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "model.safetensors.index.json: weight_map: expected names of files, found ");
  }

  @Test
  void anIndexOfNothingIsNone() {
    assertThatThrownBy(() -> NeededFiles.named(INDEX, index("{}"), "index"))
        .hasMessage("index: weight_map: expected tensors, found none");
    assertThatThrownBy(() -> named(INDEX, "{}"))
        .hasMessage("index: weight_map: expected tensors, found none");
    assertThatThrownBy(() -> named(INDEX, "{"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("index: expected JSON, found: ");
  }

  private static HubFile file() {
    HubFile unknown = new HubFile("x", CONTENT.length, "0".repeat(64));
    MessageDigest digest = unknown.digest();
    digest.update(CONTENT);
    return new HubFile("x", CONTENT.length, HubFile.hash(digest));
  }

  private static void append(PartialFile partial, int from, int to) {
    byte[] block = Arrays.copyOf(Arrays.copyOfRange(CONTENT, from, to), CONTENT.length);
    partial.append(block, 0, to - from);
  }

  @Test
  void aFileIsHadInPartsAndGoneOnWith() throws IOException {
    Path place = folder.resolve("part");
    try (PartialFile first = PartialFile.open(place, file())) {
      append(first, 0, 5);
      assertThat(first.length()).isEqualTo(5);
      assertThat(first.complete()).isFalse();
    }
    Path target = folder.resolve("whole");
    try (PartialFile second = PartialFile.open(place, file())) {
      assertThat(second.length()).as("what was there before").isEqualTo(5);
      append(second, 5, 9);
      append(second, 9, CONTENT.length);
      assertThat(second.complete()).isTrue();
      assertThat(second.hash()).isEqualTo(file().hash());
      second.publish(target);
    }
    assertThat(target).hasBinaryContent(CONTENT);
    assertThat(place).doesNotExist();
  }

  @Test
  void aFileThatIsTooLongOrWrongBeginsAnew() throws IOException {
    Path place = Files.write(folder.resolve("part"), new byte[CONTENT.length + 1]);
    try (PartialFile partial = PartialFile.open(place, file())) {
      assertThat(partial.length()).isZero();
      append(partial, 3, 9);
      partial.restart();
      assertThat(partial.length()).isZero();
      append(partial, 0, CONTENT.length);
      assertThat(partial.hash()).as("nothing of before counts").isEqualTo(file().hash());
    }
    assertThat(place).hasBinaryContent(CONTENT);
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamedWithWhatToDo() {
    Path nowhere = folder.resolve("none/part");
    assertThatThrownBy(() -> PartialFile.open(nowhere, file()))
        .isInstanceOf(DownloadException.class)
        .hasMessageStartingWith(nowhere + ": cannot be written: ")
        .hasMessageEndingWith("; HF_HUB_CACHE names another folder for models");
  }
}
