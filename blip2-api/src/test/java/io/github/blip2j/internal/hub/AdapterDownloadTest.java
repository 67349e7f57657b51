package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Adapters by their names on the Hub, alone and beside a model. */
class AdapterDownloadTest extends HubExchange {
  private static final String SETTINGS = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";

  AdapterDownloadTest() {
    super(1000);
  }

  private void addAdapter() {
    hub.text(SETTINGS, "{\"peft_type\":\"LORA\"}").file(WEIGHTS, FakeHub.bytes(500, 2));
  }

  /** As PEFT uploads it: the base's tokenizer may lie beside. */
  private void onlyAdapter() {
    hub.remove("config.json").remove("model.safetensors").remove("preprocessor_config.json");
    addAdapter();
  }

  private Path find(boolean download) {
    return client.locator().findAdapter(FakeHub.ID, download, LoadListener.NONE);
  }

  @Test
  void anAdapterIsDownloadedAndFoundByItsName() throws IOException {
    onlyAdapter();
    assertThat(client.locator().plan(FakeHub.ID, "main").files())
        .containsOnlyKeys(SETTINGS, WEIGHTS);
    Path found = client.download();
    assertThat(names(found)).containsExactly(SETTINGS, WEIGHTS);
    assertThat(found.resolve(WEIGHTS)).hasBinaryContent(hub.content(WEIGHTS));
    assertThat(find(false)).isEqualTo(found);
    assertThat(client.locator().findAdapter(FakeHub.ID + "@main", false, LoadListener.NONE))
        .isEqualTo(found);
  }

  @Test
  void itIsBroughtWhereThatIsAllowed() {
    onlyAdapter();
    assertThatThrownBy(() -> find(false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("expected a directory or a downloaded adapter in " + client.folder())
        .hasMessageContaining("`blip2 download owner/tiny-model` brings it there");
    assertThat(hub.hubRequests()).isEmpty();
    assertThat(find(true)).isEqualTo(client.snapshot());
    int requests = hub.hubRequests().size();
    assertThat(find(true)).isEqualTo(client.snapshot());
    assertThat(hub.hubRequests()).as("what is here is not asked for").hasSize(requests);
  }

  @Test
  void aDirectoryIsTakenAsItIs() throws IOException {
    Path directory = Files.createDirectory(home.resolve("adapter"));
    assertThat(client.locator().findAdapter(directory.toString(), true, LoadListener.NONE))
        .isEqualTo(directory);
    assertThat(hub.hubRequests()).isEmpty();
  }

  @Test
  void whatIsMissingIsNamedAndBrought() throws IOException {
    onlyAdapter();
    client.download();
    Files.delete(client.folder().resolve("blobs").resolve(hub.hash(WEIGHTS)));
    assertThatThrownBy(() -> find(false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no adapter_model.safetensors; `blip2 download owner/")
        .hasMessageEndingWith("brings what is missing");
    assertThat(find(true).resolve(WEIGHTS)).hasBinaryContent(hub.content(WEIGHTS));
  }

  @Test
  void anAdapterIsNoModel() {
    onlyAdapter();
    assertThatThrownBy(() -> client.locator().find(FakeHub.ID, "main", true, LoadListener.NONE))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("no model that this library reads: expected config.json, model.safet")
        .hasMessageContaining("found an adapter: name its base as the model and this as the adapt")
        .hasMessageEndingWith("nothing was downloaded");
    assertThat(client.cache()).doesNotExist();
    client.download();
    assertThat(client.locator().isHere(FakeHub.ID, "main")).isFalse();
    assertThatThrownBy(() -> client.locator().find(FakeHub.ID, "main"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no config.json, no tokenizer.json, no model.safetensors or")
        .hasMessageContaining("but an adapter: name its base as the model and this as the adapter");
  }

  @Test
  void aModelIsNoAdapter() {
    assertThatThrownBy(() -> find(true))
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("no adapter that this library reads: expected adapter_config.json, ")
        .hasMessageContaining("adapter_model.safetensors or adapter_model.bin")
        .hasMessageContaining("found a model: name it as the model; nothing was downloaded");
    client.download();
    assertThatThrownBy(() -> find(false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("found no adapter_config.json, no adapter_model.safetensors or ")
        .hasMessageContaining(
            "but a model: name it as the model; `blip2 download owner/tiny-model`")
        .hasMessageEndingWith("if the Hub has a model and an adapter under this name");
  }

  @Test
  void aRepositoryWithBothGivesBoth() throws IOException {
    client.download(); // before the adapter was known of
    addAdapter();
    assertThat(find(true)).isEqualTo(client.locator().find(FakeHub.ID, "main"));
    assertThat(client.locator().plan(FakeHub.ID, "main").files())
        .containsKeys("config.json", LARGE, SETTINGS, WEIGHTS);
    assertThat(names(client.download())).contains("config.json", LARGE, SETTINGS, WEIGHTS);
  }

  @Test
  void anAdapterWithoutWeightsIsRefusedBeforeAnythingIsTransferred() {
    onlyAdapter();
    hub.remove(WEIGHTS);
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("no adapter that this library reads: expected adapter_model.safeten")
        .hasMessageContaining("found none; nothing was downloaded");
    assertThat(client.cache()).doesNotExist();
    hub.file("adapter_model.bin", FakeHub.bytes(300, 3));
    assertThat(find(true).resolve("adapter_model.bin")).isRegularFile();
  }

  @Test
  void aLinkOutOfTheCacheIsRefused() throws IOException {
    onlyAdapter();
    client.download();
    Path outside = Files.writeString(home.resolve("outside"), "{}");
    Path entry = client.snapshot().resolve(SETTINGS);
    Files.delete(entry);
    Files.createSymbolicLink(entry, outside);
    assertThatThrownBy(() -> find(false))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(SETTINGS + ": expected a file in " + client.cache());
  }
}
