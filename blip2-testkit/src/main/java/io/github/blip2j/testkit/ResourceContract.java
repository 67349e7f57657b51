package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LanguageSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every backend must do with files and memory. */
public abstract class ResourceContract {
  private static final int ROWS = 16;

  /** Rows of a fork, all from one. */
  private static final int FORKED = 8;

  /** Positions of a session, and tokens of a text, that is nearly as long as it can be. */
  private static final int LONG = 150;

  /** The first of the tokens of words. */
  private static final int WORD = 30;

  /** What a conversation keeps does not depend on how much it says. */
  private static final ChatOptions SHORT_ANSWERS =
      ChatOptions.defaults().withGeneration(GenerationOptions.builder().maxNewTokens(5).build());

  @TempDir Path folder;

  /** The backend under test. */
  protected abstract Backend backend();

  /** The Hub's cache: a snapshot is a folder of links into a folder of blobs. */
  @Test
  void aSnapshotOfLinksIsLoaded() throws IOException {
    for (String name : List.of("tiny-opt", "tiny-opt-fp16-sharded")) {
      Path source = Fixtures.directory(name);
      Path blobs = Files.createDirectories(folder.resolve(name + "/blobs"));
      Path snapshot = Files.createDirectories(folder.resolve(name + "/snapshots/abc"));
      try (var files = Files.list(source)) {
        for (Path file : files.toList()) {
          Path blob = blobs.resolve("sha-" + file.getFileName().hashCode());
          Files.copy(file, blob);
          Files.createSymbolicLink(snapshot.resolve(file.getFileName()), snapshot.relativize(blob));
        }
      }
      Golden.Case golden = new Golden(source).cases("caption").get(0);
      try (Blip2 blip2 =
          Blip2.builder().model(snapshot).backend(backend().id()).cacheDirectory(folder).load()) {
        assertThat(blip2.caption(ImageSource.of(Fixtures.image(golden.images().get(0)))).tokenIds())
            .isEqualTo(golden.newIds().get(0));
      }
    }
  }

  @Test
  void sessionsAndImagesLeaveNoMemoryBehind() throws IOException {
    Path directory = Fixtures.directory("tiny-opt");
    try (Loaded it = new Loaded(backend(), directory, new Golden(directory), folder)) {
      for (int i = 0; i < 20; i++) {
        use(it);
      }
      long before = resident();
      for (int i = 0; i < 80; i++) {
        use(it);
      }
      // What a round allocates: caches of 2.5 MB, twice; a tenth of that kept would be 40 MB.
      assertThat(resident() - before).as("growth in bytes").isLessThan(40_000_000L);
    }
  }

  /** Hundreds of forks, chats closed at any point, and a cache that is always too small. */
  @Test
  void forksChatsAndKeptBeginningsLeaveNoMemoryBehind() throws IOException {
    Path directory = Fixtures.directory("tiny-opt");
    try (Loaded it = new Loaded(backend(), directory, new Golden(directory), folder);
        Blip2 blip2 =
            Blip2.builder()
                .model(directory)
                .backend(backend().id())
                .threads(1)
                .cacheDirectory(folder)
                .imageCache(2_000)
                .prefixCache(20_000)
                .load()) {
      long before = 0;
      for (int i = 0; i < 240; i++) {
        if (i == 40) {
          before = resident();
        }
        fork(it);
        if (i % 2 == 0) {
          converse(blip2, i / 2);
        }
      }
      // A fork's cache is 1.2 MB, a conversation's 0.15 MB and more: a tenth of them kept would be
      // 25 MB.
      assertThat(resident() - before).as("growth in bytes").isLessThan(25_000_000L);
      assertThat(blip2.prefixCacheStatistics().evictions()).isGreaterThan(50);
      assertThat(blip2.prefixCacheStatistics().bytes()).isLessThanOrEqualTo(20_000);
      assertThat(blip2.imageCacheStatistics().evictions()).isGreaterThan(50);
    }
  }

  private static void fork(Loaded it) {
    float[] logits = new float[FORKED * it.checkpoint.config().text().vocabularySize()];
    int[][] tokens = new int[FORKED][];
    Arrays.setAll(tokens, row -> row > 0 ? new int[] {WORD + 2, WORD + 3} : new int[] {WORD + 1});
    try (LanguageSession session = it.model.language().open(1, LONG)) {
      session.append(new float[0], new int[][] {{TinyOpt.START, WORD}}, logits);
      try (LanguageSession fork = session.fork(new int[FORKED], TinyOpt.POSITIONS);
          LanguageSession again = fork.fork(new int[] {1}, LONG)) {
        fork.append(new float[0], tokens, logits);
        again.truncate(1);
      }
    }
  }

  private static void converse(Blip2 blip2, int round) {
    List<String> sources = List.of("tiny.png", "gray.png", "photo.jpg", "palette.png");
    ImageSource imageSource = ImageSource.of(Fixtures.image(sources.get(round % 4)));
    try (ChatSession chat = blip2.chat(imageSource, SHORT_ANSWERS)) {
      if (round % 3 > 0) {
        chat.ask("what is it?");
      }
      try (Generation generation = chat.askStreaming("where is it?")) {
        for (int i = 0; i < round % 5; i++) {
          generation.next();
        }
      }
    }
  }

  /** However a text ends, the model goes on and nothing stays behind. */
  @Test
  void textsThatEndEarlyLeaveNoMemoryBehind() throws IOException {
    Path directory = Fixtures.directory("tiny-opt");
    GenerationOptionsBuilder most = GenerationOptions.builder().maxNewTokens(LONG);
    try (Blip2 blip2 =
        Blip2.builder()
            .model(directory)
            .backend(backend().id())
            .threads(1)
            .cacheDirectory(folder)
            .prefixCache(0)
            .load()) {
      // Encoded once: that images leave nothing behind is asked above.
      EncodedImage image = blip2.encode(ImageSource.of(Fixtures.image("photo.jpg")));
      GenerationRequest plain = new GenerationRequest(image, null, most.build());
      GenerationRequest stops =
          new GenerationRequest(
              image, null, most.build().toBuilder().stopStrings(List.of("_ l")).build());
      GenerationRequest late =
          new GenerationRequest(
              image, null, most.build().toBuilder().maxTime(Duration.ofMillis(2)).build());
      List<Integer> whole = blip2.generate(List.of(plain)).get(0).get(0).tokenIds();
      long before = 0;
      for (int i = 0; i < 80; i++) {
        if (i == 20) {
          before = resident();
        }
        endEarly(blip2, plain, stops, late);
      }
      // A cache is 0.15 MB and a round opens four: kept, they would be 36 MB.
      assertThat(resident() - before).as("growth in bytes").isLessThan(18_000_000L);
      assertThat(blip2.generate(List.of(plain)).get(0).get(0).tokenIds()).isEqualTo(whole);
    }
  }

  private static void endEarly(
      Blip2 blip2, GenerationRequest plain, GenerationRequest stops, GenerationRequest late) {
    try (Generation generation = blip2.stream(plain)) {
      generation.next();
      generation.next(); // and closed half way
    }
    try (Generation generation = blip2.stream(plain)) {
      generation.next();
      generation.cancel();
      generation.forEachRemaining(piece -> {});
      assertThat(generation.result().orElseThrow().finishReason())
          .isEqualTo(FinishReason.CANCELLED);
    }
    assertThat(blip2.generate(List.of(stops)).get(0).get(0).finishReason())
        .isEqualTo(FinishReason.STOP);
    assertThat(blip2.generate(List.of(late)).get(0).get(0).finishReason())
        .isIn(FinishReason.DEADLINE, FinishReason.LENGTH);
  }

  /** What an encoder's attention takes goes with the square of the prompt. */
  @Test
  void promptsOfAnyLengthLeaveNoMemoryBehind() throws IOException {
    ImageSource image = ImageSource.of(Fixtures.image("photo.jpg"));
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(3).build();
    try (Blip2 blip2 =
        Blip2.builder()
            .model(Fixtures.directory("tiny-t5"))
            .backend(backend().id())
            .threads(1)
            .cacheDirectory(folder)
            .imageCache(1 << 20)
            .load()) {
      blip2.generate(List.of(words(image, 50, options)));
      long before = outsideTheHeap();
      // Together 210 MB at once, which an arena would keep; a second batch took as much again.
      for (int batch = 0; batch < 2; batch++) {
        blip2.generate(Collections.nCopies(8, words(image, 600, options)));
      }
      assertThat(outsideTheHeap() - before).as("kept of the largest").isLessThan(120_000_000L);
      for (int i = 0; i < 15; i++) {
        blip2.generate(List.of(words(image, 1 + i * 97 % 300, options)));
      }
      long warm = outsideTheHeap();
      for (int i = 15; i < 55; i++) {
        blip2.generate(List.of(words(image, 1 + i * 97 % 300, options)));
      }
      assertThat(outsideTheHeap() - warm).as("growth of mixed prompts").isLessThan(20_000_000L);
    }
  }

  /** The heap keeps what it once was, as far as its collector likes. */
  private static long outsideTheHeap() throws IOException {
    return resident() - Runtime.getRuntime().totalMemory();
  }

  private static GenerationRequest words(ImageSource image, int count, GenerationOptions options) {
    return new GenerationRequest(image, "a ".repeat(count).strip(), options);
  }

  private static void use(Loaded it) {
    float[] one = it.features("tiny.png");
    float[] features = new float[ROWS * one.length];
    int[][] tokens = new int[ROWS][];
    for (int row = 0; row < ROWS; row++) {
      System.arraycopy(one, 0, features, row * one.length, one.length);
      tokens[row] = new int[] {TinyOpt.START, WORD + row};
    }
    float[] logits = new float[ROWS * it.checkpoint.config().text().vocabularySize()];
    int positions = it.checkpoint.config().text().maxPositions();
    try (LanguageSession session = it.model.language().open(ROWS, positions)) {
      session.append(features, tokens, logits);
      session.select(new int[] {3, 5, 7});
      session.select(new int[] {1, 0});
      session.fork(new int[] {0}, 40).close();
    }
  }

  /**
   * Resident memory of this process in bytes, as Linux says it, elsewhere as {@code ps} does.
   * Buffers that nobody holds are collected first: what is to be seen is what stays.
   */
  private static long resident() throws IOException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      LockSupport.parkNanos(100_000_000); // the collector frees buffers in a thread of its own
    }
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      String line =
          Files.readAllLines(status).stream()
              .filter(l -> l.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }
    String pid = Long.toString(ProcessHandle.current().pid());
    Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", pid).start();
    String kilobytes = new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return Long.parseLong(kilobytes.strip()) * 1024;
  }
}
