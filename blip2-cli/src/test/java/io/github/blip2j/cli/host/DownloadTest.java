package io.github.blip2j.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.Main;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models by name: processes of the program, and a Hub of one small checkpoint. Commands of which
 * only the first depends on how its process started share one.
 */
class DownloadTest {
  @TempDir Path folder;
  private HubOfFolder hub;
  private final Golden.Case golden =
      new Golden(Fixtures.directory("tiny-opt")).cases("caption").get(0);

  @BeforeEach
  void start() throws Exception {
    hub = new HubOfFolder(Fixtures.directory("tiny-opt"));
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private Path cache() {
    return folder.resolve("hub cache");
  }

  private Path snapshot() {
    return cache().resolve("models--owner--tiny/snapshots").resolve(HubOfFolder.COMMIT);
  }

  private ChildJvm jvm(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(more);
    environment.put("HF_ENDPOINT", hub.address());
    environment.put("HF_HUB_CACHE", cache().toString());
    environment.put("BLIP2_CACHE", folder.resolve("derived").toString());
    environment.put("NO_PROXY", "*");
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    return new ChildJvm(folder, List.of(), environment, List.of());
  }

  private CommandProcess commands() throws IOException {
    return new CommandProcess(jvm(Map.of()));
  }

  /** The program itself. */
  private ChildJvm.Result run(Map<String, String> more, String... arguments) throws Exception {
    return jvm(more).run(ChildJvm.classPathWithout(), Main.class, List.of(arguments));
  }

  private String image() {
    return Fixtures.image(golden.images().get(0)).toString();
  }

  @Test
  void aModelIsDownloadedOnceAndThenFoundByName() throws Exception {
    ChildJvm.Result refused = run(Map.of(), "caption", "--model", HubOfFolder.ID, image());
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err().lines())
        .singleElement()
        .asString()
        .startsWith("blip2: owner/tiny (revision main): expected a directory or a downloaded model")
        .contains("`blip2 download owner/tiny` brings it there");
    assertThat(hub.requests()).as("nothing is asked without being told to").isEmpty();

    ChildJvm.Result downloaded = run(Map.of(), "download", HubOfFolder.ID);
    assertThat(downloaded.status()).as(downloaded.err()).isZero();
    assertThat(downloaded.out()).isEqualTo(snapshot() + System.lineSeparator());
    assertThat(downloaded.err()).as("no terminal, no progress").isEmpty();
    assertThat(snapshot().resolve("model.safetensors")).isSymbolicLink();

    int before = hub.requests().size();
    try (CommandProcess program = commands()) {
      ChildJvm.Result found = program.run("caption", "--model", HubOfFolder.ID + "@main", image());
      assertThat(found.status()).as(found.err()).isZero();
      assertThat(found.out().strip()).endsWith(golden.texts().get(0).strip());
      ChildJvm.Result again =
          program.run("caption", "--download", "--model", HubOfFolder.ID, image());
      assertThat(again.out()).isEqualTo(found.out());
    }
    assertThat(hub.requests()).as("what is here is used").hasSize(before);
  }

  @Test
  void anOptionDownloadsOnTheWay() throws Exception {
    ChildJvm.Result run =
        run(Map.of(), "caption", "--download", "--model", HubOfFolder.ID, image());
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out().strip()).endsWith(golden.texts().get(0).strip());
    assertThat(hub.requests()).filteredOn(r -> r.endsWith("/model.safetensors")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer.json", "model.safetensors"})
  void aModelWithAFileMissingIsNotLoadedAndCanBeMended(String missing) throws Exception {
    try (CommandProcess program = commands()) {
      program.run("download", HubOfFolder.ID);
      Files.delete(snapshot().resolve(missing).toRealPath());
      ChildJvm.Result refused = program.run("caption", "--model", HubOfFolder.ID, image());
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.err().lines())
          .singleElement()
          .asString()
          .contains("found no " + missing + "; `blip2 download owner/tiny` brings what is missing");
      assertThat(program.run("download", HubOfFolder.ID).status()).isZero();
      assertThat(program.run("caption", "--model", HubOfFolder.ID, image()).status()).isZero();
    }
  }

  @Test
  void everyFaultOfTheUserIsOneLine() throws Exception {
    List<List<String>> faults =
        List.of(
            List.of("download", "owner/other"),
            List.of("download", "no-name"),
            List.of("download", folder.toString()),
            List.of("download", HubOfFolder.ID + "@a b"),
            List.of("download", HubOfFolder.ID + "@v1", "--revision", "v2"));
    List<String> expected =
        List.of(
            "no such model at " + hub.address() + ", or a private one: check the name",
            "expected owner/name or owner/name@revision as on the Hub",
            "expected owner/name or owner/name@revision as on the Hub",
            "expected a branch, a tag or a commit as the revision, found \"a b\"",
            "expected one revision, found also \"v2\"");
    try (CommandProcess program = commands()) {
      for (int i = 0; i < faults.size(); i++) {
        ChildJvm.Result run = program.run(faults.get(i).toArray(String[]::new));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains(expected.get(i));
        assertThat(run.out()).isEmpty();
      }
    }
    ChildJvm.Result offline = run(Map.of("HF_HUB_OFFLINE", "1"), "download", HubOfFolder.ID);
    assertThat(offline.status()).isEqualTo(1);
    assertThat(offline.err()).contains("because HF_HUB_OFFLINE forbids connections");
    assertThat(cache()).doesNotExist();
  }
}
