package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Downloads that go well: what is asked for, what lies where afterwards, what is told. */
class HubDownloadTest extends HubExchange {
  private static final List<String> NEEDED =
      List.of(
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "preprocessor_config.json",
          "tokenizer.json");

  private static final String INSTRUCTIONS = "qformer_tokenizer/tokenizer.json";

  HubDownloadTest() {
    super(300_000);
  }

  @Test
  void theCacheHasTheStandardLayout() throws IOException {
    Path found = client.download();
    assertThat(found).isEqualTo(client.snapshot());
    assertThat(names(client.cache()))
        .containsExactly(".locks", "CACHEDIR.TAG", "models--owner--tiny-model");
    assertThat(names(client.folder())).containsExactly("blobs", "refs", "snapshots");
    assertThat(names(found)).isEqualTo(NEEDED);
    for (String name : NEEDED) {
      Path link = found.resolve(name);
      assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("../../blobs", hub.hash(name)));
      assertThat(link).hasBinaryContent(hub.content(name));
    }
    assertThat(names(client.folder().resolve("blobs")))
        .isEqualTo(NEEDED.stream().map(hub::hash).sorted().toList());
    assertThat(client.folder().resolve("refs/main")).hasContent(FakeHub.COMMIT);
    assertThat(Files.size(client.folder().resolve("refs/main"))).isEqualTo(40);
    assertThat(names(client.cache().resolve(".locks/models--owner--tiny-model")))
        .contains(hub.hash("model.safetensors") + ".lock");
    assertThat(client.cache().resolve("CACHEDIR.TAG"))
        .content()
        .startsWith("Signature: 8a477f597d28d172789f06886806bc55");
  }

  @Test
  void theTokenIsForTheHubAlone() {
    client.with("HF_TOKEN", FakeHub.TOKEN).download();
    assertThat(hub.hubRequests()).hasSizeGreaterThan(5);
    assertThat(hub.hubRequests())
        .allSatisfy(
            r -> assertThat(r.header("Authorization")).isEqualTo("Bearer " + FakeHub.TOKEN));
    assertThat(hub.storageRequests()).isNotEmpty();
    assertThat(hub.storageRequests())
        .allSatisfy(r -> assertThat(r.headers()).doesNotContainKey("Authorization"));
  }

  /** The same machine under another port is another server. */
  @Test
  void aRedirectToAnotherPortIsARedirectToAnotherHost() {
    try (RawServer other = new RawServer((r, out) -> RawServer.write(out, 404, new byte[0]))) {
      hub.nextAt(
          "/revision/",
          (r, out) ->
              RawServer.write(
                  out, 307, new byte[0], "Location: http://127.0.0.1:" + other.port() + "/x"));
      client.with("HF_TOKEN", FakeHub.TOKEN).download();
      assertThat(other.requests()).hasSize(1);
      assertThat(other.requests().get(0).headers()).doesNotContainKey("Authorization");
    }
  }

  @Test
  void aModelThatWasRenamedIsFollowed() {
    String moved = "/api/models/" + FakeHub.ID + "/revision/main";
    hub.nextAt(
        "/old-name/revision/",
        (r, out) -> RawServer.write(out, 307, new byte[0], "Location: " + moved));
    hub.nextAt(
        "/old-name/tree/",
        (r, out) ->
            RawServer.write(
                out,
                307,
                new byte[0],
                "Location: " + r.target().replace("old-name", "tiny-model")));
    for (String name : NEEDED) {
      hub.nextAt(
          "/old-name/resolve/" + FakeHub.COMMIT + "/" + name,
          (r, out) ->
              RawServer.write(
                  out,
                  307,
                  new byte[0],
                  "Location: " + r.path().replace("old-name", "tiny-model")));
    }
    Path found =
        client
            .with("HF_TOKEN", FakeHub.TOKEN)
            .locator()
            .plan("owner/old-name", "main")
            .run(LoadListener.NONE);
    assertThat(found.toString()).contains("models--owner--old-name");
    assertThat(found.resolve("model.safetensors"))
        .hasBinaryContent(hub.content("model.safetensors"));
    assertThat(hub.hubRequests())
        .allSatisfy(r -> assertThat(r.header("Authorization")).isNotEmpty());
  }

  /** The next page's address is the official Hub's, as behind a mirror; only its query counts. */
  @Test
  void listingsComeInPages() throws IOException {
    hub.pages(2);
    assertThat(names(client.download())).isEqualTo(NEEDED);
    assertThat(hub.hubRequests().stream().filter(r -> r.path().contains("/tree/"))).hasSize(4);
  }

  @Test
  void shardsAreThoseOfTheIndexAndNoOthers() throws IOException {
    hub.remove("model.safetensors")
        .text(
            "model.safetensors.index.json",
            "{\"weight_map\":{\"a\":\"model-00002-of-00002.safetensors\","
                + "\"b\":\"model-00001-of-00002.safetensors\"}}")
        .file("model-00001-of-00002.safetensors", FakeHub.bytes(70_000, 2))
        .file("model-00002-of-00002.safetensors", FakeHub.bytes(80_000, 3))
        .file("model-00001-of-00009.safetensors", FakeHub.bytes(10, 4))
        .file("pytorch_model.bin", FakeHub.bytes(90_000, 5));
    HubDownload plan = client.locator().plan(FakeHub.ID, "main");
    assertThat(plan.files())
        .containsEntry("model-00001-of-00002.safetensors", 70_000L)
        .containsEntry("model-00002-of-00002.safetensors", 80_000L)
        .containsKey("model.safetensors.index.json")
        .doesNotContainKeys("model-00001-of-00009.safetensors", "pytorch_model.bin");
    assertThat(plan.missingBytes()).isGreaterThan(150_000).isLessThan(151_000);
    Path found = plan.run(LoadListener.NONE);
    assertThat(names(found)).hasSize(7).doesNotContain("README.md");
    assertThat(client.locator().plan(FakeHub.ID, "main").missingBytes()).isZero();
  }

  @Test
  void weightsOfPyTorchAreTakenOnlyWhereThereAreNoOthers() throws IOException {
    hub.file("pytorch_model.bin", FakeHub.bytes(1000, 5));
    assertThat(names(client.download())).isEqualTo(NEEDED);
    hub.remove("model.safetensors");
    assertThat(client.locator().plan(FakeHub.ID, "main").files()).containsKey("pytorch_model.bin");
  }

  @Test
  void whatTheModelSaysOfItselfIsTold() {
    assertThat(client.locator().plan(FakeHub.ID, "main").licence()).isEqualTo("mit");
    hub.info("\"tags\":[\"x\",\"license:bsd-3-clause\"]");
    assertThat(client.locator().plan(FakeHub.ID, "main").licence()).isEqualTo("bsd-3-clause");
    hub.info("\"tags\":[]");
    HubDownload plan = client.locator().plan(FakeHub.ID, "main");
    assertThat(plan.licence()).isEmpty();
    assertThat(plan.commit()).isEqualTo(FakeHub.COMMIT);
  }

  @Test
  void aModelThatThisLibraryCannotReadIsRefusedBeforeAnythingIsTransferred() {
    hub.remove("tokenizer.json").remove("model.safetensors");
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("expected tokenizer.json, model.safetensors or pytorch_model.bin")
        .hasMessageContaining("nothing was downloaded");
    assertThat(client.cache()).doesNotExist();
  }

  @Test
  void aQFormerThatReadsInstructionsGetsItsTokenizer() throws IOException {
    hub.text("config.json", "{\"model_type\":\"instructblip\"}")
        .text(INSTRUCTIONS, "{\"version\":\"1.0\",\"model\":{}}")
        .text("qformer_tokenizer/vocab.txt", "not needed");
    Path found = client.download();
    Path tokenizer = found.resolve(INSTRUCTIONS);
    assertThat(Files.readSymbolicLink(tokenizer))
        .isEqualTo(Path.of("../../../blobs", hub.hash(INSTRUCTIONS)));
    assertThat(tokenizer).hasBinaryContent(hub.content(INSTRUCTIONS));
    assertThat(names(found.resolve("qformer_tokenizer"))).containsExactly("tokenizer.json");
    assertThat(client.locator().find(FakeHub.ID, "main")).isEqualTo(found);
  }

  /** As an earlier version left it; the weights stay as they are. */
  @Test
  void aModelWithoutThatTokenizerIsCompleted() throws IOException {
    hub.text("config.json", "{\"model_type\":\"instructblip\"}");
    client.download();
    hub.text(INSTRUCTIONS, "{\"version\":\"1.0\",\"model\":{}}");
    assertThat(client.locator().isHere(FakeHub.ID, "main")).isFalse();
    Path found = client.locator().find(FakeHub.ID, "main", true, LoadListener.NONE);
    assertThat(found.resolve(INSTRUCTIONS)).hasBinaryContent(hub.content(INSTRUCTIONS));
    assertThat(hub.storageRequests()).as("of the weights").hasSize(1);
  }

  @Test
  void aModelThatReadsInstructionsAndHasNoTokenizerForThemIsRefused() {
    hub.info("\"config\":{\"model_type\":\"instructblip\"}");
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining(
            "expected qformer_tokenizer/tokenizer.json, found none; nothing was downloaded");
    assertThat(client.cache()).doesNotExist();
  }

  /** It compares all of its files when it is opened, its licence among them. */
  @Test
  void aBundleComesWithEveryFileThatItNames() throws IOException {
    hub.text("LICENSE.txt", "do what you like")
        .text("notes.txt", "not the bundle's")
        .text(
            "bundle.json",
            "{\"layout\":1,\"files\":{\"config.json\":{},\"LICENSE.txt\":{},"
                + "\"model.safetensors\":{},\"qformer_tokenizer/tokenizer_config.json\":{}}}");
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("qformer_tokenizer/tokenizer_config.json, which the model does not");
    hub.text("qformer_tokenizer/tokenizer_config.json", "{\"a\":1}");
    Path found = client.download();
    assertThat(names(found))
        .contains("LICENSE.txt", "bundle.json", "qformer_tokenizer", LARGE)
        .doesNotContain("notes.txt");
    assertThat(client.locator().find(FakeHub.ID, "main")).isEqualTo(found);
    Files.delete(found.resolve("LICENSE.txt"));
    assertThatThrownBy(() -> client.locator().find(FakeHub.ID, "main"))
        .hasMessageContaining("found no LICENSE.txt; `blip2 download");
  }

  @Test
  void whatIsHereIsNotTransferredAgain() {
    client.download();
    int before = hub.hubRequests().size() + hub.storageRequests().size();
    client.download();
    int after = hub.hubRequests().size() + hub.storageRequests().size();
    assertThat(after - before).isEqualTo(2); // the revision and its listing
    assertThat(client.locator().find(FakeHub.ID, "main", true, LoadListener.NONE))
        .isEqualTo(client.snapshot());
    assertThat(hub.hubRequests().size() + hub.storageRequests().size()).isEqualTo(after);
  }

  @Test
  void branchesMayNestAndCommitsNeedNoReference() {
    client.download("refs/pr/1");
    assertThat(client.folder().resolve("refs/refs/pr/1")).hasContent(FakeHub.COMMIT);
    assertThat(hub.hubRequests().get(0).target()).endsWith("/revision/refs%2Fpr%2F1");
    client.download(FakeHub.COMMIT);
    assertThat(client.folder().resolve("refs").resolve(FakeHub.COMMIT)).doesNotExist();
    assertThat(client.locator().find(FakeHub.ID + "@refs/pr/1", "main"))
        .isEqualTo(client.snapshot());
    assertThat(client.locator().find(FakeHub.ID, FakeHub.COMMIT)).isEqualTo(client.snapshot());
  }

  @Test
  void withoutLinksFilesAreMovedIntoTheSnapshot() throws IOException {
    hub.text("added_tokens.json", "{}"); // the content of generation_config.json
    client.with("HF_HUB_DISABLE_SYMLINKS", "1").download();
    for (String name : NEEDED) {
      assertThat(Files.isSymbolicLink(client.snapshot().resolve(name))).isFalse();
      assertThat(client.snapshot().resolve(name)).hasBinaryContent(hub.content(name));
    }
    assertThat(client.snapshot().resolve("added_tokens.json")).hasContent("{}");
    assertThat(names(client.folder().resolve("blobs"))).hasSizeLessThan(2);
    int before = hub.storageRequests().size();
    client.download();
    assertThat(hub.storageRequests()).hasSize(before);
    assertThat(client.locator().find(FakeHub.ID, "main")).isEqualTo(client.snapshot());
  }

  /** Any length is announced first; afterwards no call overlaps another. */
  @Test
  void progressIsToldFromNothingToAll() {
    hub.file("model.safetensors", FakeHub.bytes(5_000_000, 1));
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger inside = new AtomicInteger();
    LoadListener listener =
        new LoadListener() {
          @Override
          public void progress(String stage, long done, long total) {}

          @Override
          public void downloading(String file, long done, long total) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            lines.add(file + " " + done + "/" + total);
            inside.decrementAndGet();
          }
        };
    client.download("main", listener);
    assertThat(lines.subList(0, NEEDED.size()))
        .allSatisfy(l -> assertThat(l).contains(" 0/"))
        .extracting(l -> l.replaceAll(" .*", ""))
        .containsExactlyInAnyOrderElementsOf(NEEDED);
    List<String> large = lines.stream().filter(l -> l.startsWith("model.")).toList();
    assertThat(large).hasSizeBetween(4, 12).endsWith("model.safetensors 5000000/5000000");
  }

  @Test
  void whatAListenerThrowsEndsTheDownload() {
    LoadListener listener =
        new LoadListener() {
          @Override
          public void progress(String stage, long done, long total) {}

          @Override
          public void downloading(String file, long done, long total) {
            if (done > 0) {
              throw new IllegalStateException("enough");
            }
          }
        };
    assertThatThrownBy(() -> client.download("main", listener))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    assertThat(client.snapshot()).doesNotExist();
    assertThat(client.folder().resolve("refs/main")).doesNotExist();
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeAnythingIsTransferred() {
    hub.nextAt(
        "/tree/",
        (r, out) ->
            RawServer.write(
                out,
                200,
                ("["
                        + entry("config.json", 10)
                        + entry("tokenizer.json", 10)
                        + entry("model.safetensors", 1L << 60).replaceAll(",$", "]"))
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("expected 1152921504.61 GB of free space")
        .hasMessageContaining("HF_HUB_CACHE");
    assertThat(hub.hubRequests()).hasSize(2);
  }

  private static String entry(String name, long size) {
    return String.format(
        java.util.Locale.ROOT,
        "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\"},",
        name,
        size,
        String.format(java.util.Locale.ROOT, "%040x", size));
  }

  @Test
  void aMovingBranchKeepsTheOldCommitUntilTheNewOneIsWhole() throws IOException {
    String old = "f".repeat(40);
    Files.createDirectories(client.folder().resolve("refs"));
    Files.writeString(client.folder().resolve("refs/main"), old);
    hub.next("model.safetensors", (r, c, out) -> RawServer.write(out, 410, new byte[0]));
    for (int i = 0; i < 9; i++) {
      hub.next("model.safetensors", (r, c, out) -> RawServer.write(out, 410, new byte[0]));
    }
    assertThatThrownBy(() -> client.download()).isInstanceOf(DownloadException.class);
    assertThat(client.folder().resolve("refs/main")).hasContent(old);
    assertThat(client.snapshot()).doesNotExist();
  }

  @Test
  void noConnectionIsMadeOffline() {
    for (Map.Entry<String, String> said :
        Map.of("HF_HUB_OFFLINE", "1", "TRANSFORMERS_OFFLINE", "YES").entrySet()) {
      HubClient offline = new HubClient(hub, home).with(said.getKey(), said.getValue());
      assertThatThrownBy(() -> offline.download())
          .isInstanceOf(DownloadException.class)
          .hasMessageContaining("because " + said.getKey() + " forbids connections");
    }
    assertThat(hub.hubRequests()).isEmpty();
  }
}
