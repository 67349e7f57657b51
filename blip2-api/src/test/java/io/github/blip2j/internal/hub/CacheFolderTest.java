package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a commit appear in one step, whoever else puts them there. */
class CacheFolderTest {
  private static final String CONTENT = "content";
  private static final HubFile FILE = new HubFile("config.json", 7, "a".repeat(40));

  @TempDir Path root;
  private CacheFolder folder;

  @BeforeEach
  void create() throws IOException {
    folder = new CacheFolder(root, new HubName("owner/name", "main"), true);
    folder.create();
    Files.writeString(folder.blob(FILE), CONTENT);
  }

  private Path place(HubFile file) throws IOException {
    folder.place(FakeHub.COMMIT, file, false);
    return folder.snapshot(FakeHub.COMMIT).resolve(file.name());
  }

  private List<String> blobs() throws IOException {
    try (Stream<Path> files = Files.list(folder.folder().resolve("blobs"))) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "qformer_tokenizer/tokenizer.json"})
  void aLinkLeadsToTheContentFromAnyDepth(String name) throws IOException {
    Path link = place(new HubFile(name, FILE.size(), FILE.hash()));
    String up = name.contains("/") ? "../../../blobs/" : "../../blobs/";
    assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of(up + FILE.hash()));
    assertThat(link).hasContent(CONTENT);
    assertThat(blobs()).as("nothing is left over").containsExactly(FILE.hash());
  }

  /** What happens in a folder until a mark appears there. */
  private static List<String> events(WatchService watch, Path mark) throws Exception {
    Files.createFile(mark);
    List<String> events = new ArrayList<>();
    while (events.stream().noneMatch(e -> e.endsWith(mark.getFileName().toString()))) {
      WatchKey key = watch.take();
      for (WatchEvent<?> event : key.pollEvents()) {
        events.add(event.kind().name() + " " + event.context());
      }
      key.reset();
    }
    return events;
  }

  /** Another process that places the same file at the same time must never find it missing. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWrongEntryIsReplacedInOneStep(boolean link) throws Exception {
    Path snapshot = Files.createDirectories(folder.snapshot(FakeHub.COMMIT));
    Path entry = snapshot.resolve(FILE.name());
    if (link) {
      Files.createSymbolicLink(entry, Path.of("nowhere"));
    } else {
      Files.writeString(entry, "of another size");
    }
    try (WatchService watch = snapshot.getFileSystem().newWatchService()) {
      snapshot.register(
          watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
      place(FILE);
      assertThat(events(watch, snapshot.resolve("mark")))
          .doesNotContain("ENTRY_DELETE " + FILE.name());
    }
    assertThat(Files.readSymbolicLink(entry)).isEqualTo(Path.of("../../blobs/" + FILE.hash()));
    assertThat(entry).hasContent(CONTENT);
  }

  /** Another process has moved the content there since this one looked. */
  @Test
  void whatAnotherHasMovedMeanwhileIsThere() throws IOException {
    folder = new CacheFolder(root, folder.name(), false);
    Path entry = place(FILE);
    assertThat(Files.isSymbolicLink(entry)).isFalse();
    assertThat(folder.blob(FILE)).doesNotExist();
    folder.moved(FILE, entry, false);
    folder.moved(FILE, entry, true);
    assertThat(entry).hasContent(CONTENT);
    Files.write(entry, "half".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> folder.moved(FILE, entry, false))
        .isInstanceOf(NoSuchFileException.class);
  }
}
