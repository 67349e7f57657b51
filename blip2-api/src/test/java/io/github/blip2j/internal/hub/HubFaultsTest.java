package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transfers that go wrong in every way that a server can have. */
class HubFaultsTest extends HubExchange {
  private static final int SIZE = 300_000;
  private static final int HALF = SIZE / 2;

  HubFaultsTest() {
    super(SIZE);
  }

  /** Wrong once, after which the right answer brings the file. */
  enum Once {
    DROPPED_AFTER_HALF(
        (r, c, out) -> {
          RawServer.head(out, 200, c.length);
          out.write(c, 0, HALF);
        }),
    DROPPED_BEFORE_THE_ANSWER((r, c, out) -> {}),
    WRONG_CONTENT((r, c, out) -> RawServer.write(out, 200, FakeHub.bytes(c.length, 99))),
    ONE_BIT_WRONG(
        (r, c, out) -> {
          byte[] other = c.clone();
          other[HALF] ^= 1;
          RawServer.write(out, 200, other);
        }),
    SHORTER((r, c, out) -> RawServer.write(out, 200, Arrays.copyOf(c, HALF))),
    LONGER((r, c, out) -> RawServer.write(out, 200, Arrays.copyOf(c, c.length + 10))),
    LONGER_WITHOUT_LENGTH(
        (r, c, out) -> {
          RawServer.head(out, 200, -1);
          out.write(c);
          out.write(c);
        }),
    SHORTER_WITHOUT_LENGTH(
        (r, c, out) -> {
          RawServer.head(out, 200, -1);
          out.write(c, 0, HALF);
        }),
    BROKEN_GZIP((r, c, out) -> RawServer.write(out, 200, c, "Content-Encoding: gzip")),
    EMPTY((r, c, out) -> RawServer.write(out, 200, new byte[0])),
    UNAVAILABLE((r, c, out) -> RawServer.write(out, 503, new byte[0])),
    TOO_MANY((r, c, out) -> RawServer.write(out, 429, new byte[0], "Retry-After: 1")),
    EXPIRED_SIGNATURE((r, c, out) -> RawServer.write(out, 403, new byte[0])),
    NO_HTTP((r, c, out) -> out.write("what?\r\n\r\n".getBytes(StandardCharsets.UTF_8)));

    private final FakeHub.Fault fault;

    Once(FakeHub.Fault fault) {
      this.fault = fault;
    }
  }

  private void assertWholeAndAlone() throws IOException {
    assertThat(client.snapshot().resolve(LARGE)).hasBinaryContent(hub.content(LARGE));
    try (Stream<Path> blobs = Files.list(client.folder().resolve("blobs"))) {
      assertThat(blobs.filter(b -> b.toString().endsWith(".incomplete"))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneFaultOfTheStorageIsMendedByAnotherTry(Once way) throws IOException {
    hub.next(LARGE, way.fault);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.storageRequests()).hasSize(2);
    // The platform's client asks again by itself when a connection ends before any answer.
    boolean platforms = way == Once.DROPPED_BEFORE_THE_ANSWER;
    assertThat(client.pauses()).isEqualTo(platforms ? List.of() : List.of(1L));
  }

  @ParameterizedTest
  @EnumSource
  void whatStaysWrongNeverBecomesVisible(Once way) throws IOException {
    for (int i = 0; i < 100; i++) {
      hub.next(LARGE, way.fault);
    }
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining(FakeHub.ID + "/" + LARGE)
        .hasMessageNotContaining("signed-secret");
    assertThat(client.snapshot()).doesNotExist();
    assertThat(client.folder().resolve("blobs").resolve(hub.hash(LARGE))).doesNotExist();
    assertThat(client.folder().resolve("refs/main")).doesNotExist();
    assertThat(hub.storageRequests()).hasSizeBetween(3, 60);
    assertThat(client.pauses()).startsWith(1L, 2L).allMatch(p -> p <= 8);
  }

  /** What came before the connection broke is not asked for again. */
  @Test
  void aBrokenConnectionIsResumed() throws IOException {
    Path partial = client.partial(hub.hash(LARGE));
    FakeHub.Fault drop =
        (r, c, out) -> {
          int from = r.from();
          RawServer.head(out, from == 0 ? 200 : 206, c.length - from, FakeHub.range(from, SIZE));
          out.write(c, from, 40_000);
          out.flush();
          while (Files.size(partial) < from + 40_000) {
            Thread.sleep(1);
          }
        };
    hub.next(LARGE, drop, drop, drop, drop, drop, drop, drop);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts())
        .containsExactly(0, 40_000, 80_000, 120_000, 160_000, 200_000, 240_000, 280_000);
    assertThat(client.pauses()).as("each try made progress").containsOnly(1L);
  }

  @Test
  void aTransferThatGoesSilentIsBrokenOff() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    client.with("HF_HUB_DOWNLOAD_TIMEOUT", "1");
    hub.next(
        LARGE,
        (r, c, out) -> {
          RawServer.head(out, 200, c.length);
          out.write(c, 0, HALF);
          out.flush();
          end.await();
        },
        (r, c, out) -> end.await());
    client.download();
    end.countDown();
    assertWholeAndAlone();
    assertThat(hub.starts()).containsExactly(0, HALF, HALF);
  }

  /** Gives the first half, and breaks the connection when it has arrived. */
  private FakeHub.Fault halfThenDropped() {
    Path partial = client.partial(hub.hash(LARGE));
    return (r, c, out) -> {
      RawServer.head(out, 200, c.length);
      out.write(c, 0, HALF);
      out.flush();
      while (!Files.exists(partial) || Files.size(partial) < HALF) {
        Thread.sleep(1); // what is under way when a connection breaks may be lost
      }
    };
  }

  /** Answers to a request for the second half. */
  enum AnswerToARange {
    THE_WHOLE((r, c, out) -> RawServer.write(out, 200, c)),
    ANOTHER_PART(
        (r, c, out) -> RawServer.write(out, 206, new byte[100], FakeHub.range(SIZE - 100, SIZE))),
    OF_ANOTHER_LENGTH(
        (r, c, out) ->
            RawServer.write(out, 206, new byte[HALF + 7], FakeHub.range(HALF, SIZE + 7))),
    WITHOUT_WHERE((r, c, out) -> RawServer.write(out, 206, new byte[HALF])),
    NOT_SATISFIABLE(
        (r, c, out) -> RawServer.write(out, 416, new byte[0], "Content-Range: bytes */7")),
    FORBIDDEN((r, c, out) -> RawServer.write(out, 403, new byte[0])),
    ZIPPED(
        (r, c, out) ->
            RawServer.write(
                out, 206, new byte[9], FakeHub.range(HALF, SIZE), "Content-Encoding: gzip"));

    private final FakeHub.Fault fault;

    AnswerToARange(FakeHub.Fault fault) {
      this.fault = fault;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whateverARangeBringsTheFileIsRight(AnswerToARange way) throws IOException {
    hub.next(LARGE, halfThenDropped(), way.fault);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).startsWith(0, HALF).hasSizeBetween(2, 3);
    if (way == AnswerToARange.FORBIDDEN) {
      assertThat(hub.starts()).as("a new address").endsWith(HALF);
    } else if (way != AnswerToARange.THE_WHOLE) {
      assertThat(hub.starts().get(2)).as("the whole, without a range").isZero();
    }
  }

  /** A storage that refuses every range, and would give the whole. */
  @Test
  void aStorageThatGoesOnRefusingIsAskedForTheWhole() throws IOException {
    FakeHub.Fault no = AnswerToARange.FORBIDDEN.fault;
    hub.next(LARGE, halfThenDropped(), no, no);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).containsExactly(0, HALF, HALF, 0);
  }

  private void assertHalfIsKept() {
    assertThat(client.partial(hub.hash(LARGE)))
        .hasBinaryContent(Arrays.copyOf(hub.content(LARGE), HALF));
  }

  /** An expired address, or a storage host that is out of order for some minutes. */
  @Test
  void refusalsLeaveWhatHasCome() throws IOException {
    FakeHub.Fault no = AnswerToARange.FORBIDDEN.fault;
    hub.next(LARGE, halfThenDropped(), no, no, no, no, no);
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("answered 403")
        .hasMessageContaining("gave up after 6 tries");
    assertThat(hub.starts()).containsExactly(0, HALF, HALF, 0, 0, 0);
    assertHalfIsKept();
    assertThat(client.locator().plan(FakeHub.ID, "main").missingBytes()).isEqualTo(HALF);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).endsWith(HALF);
  }

  /** What stands in between answers in the storage's place, with a success. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLoginPageLeavesWhatHasCome(boolean announced) throws IOException {
    byte[] page = "<html>Please log in</html>".getBytes(StandardCharsets.UTF_8);
    FakeHub.Fault login =
        (r, c, out) -> {
          RawServer.head(out, 200, announced ? page.length : -1);
          out.write(page);
        };
    hub.next(LARGE, halfThenDropped(), login, login, login, login, login);
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining(
            announced ? "bytes, found " + page.length : "ended after " + page.length + " bytes");
    assertHalfIsKept();
    client.download();
    assertWholeAndAlone();
  }

  /** A server that knows no ranges begins anew, and may not come as far as the one before. */
  @Test
  void aWholeAnswerThatBreaksOffEarlierLosesNothing() throws IOException {
    hub.next(
        LARGE,
        halfThenDropped(),
        (r, c, out) -> {
          RawServer.head(out, 200, c.length);
          out.write(c, 0, HALF / 2);
        });
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).containsExactly(0, HALF, HALF);
  }

  /** A beginning that an earlier version or a fault of the disk left wrong. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1000, SIZE, SIZE + 5})
  void aPartialFileThatIsWrongIsReplaced(int length) throws IOException {
    Path partial = client.partial(hub.hash(LARGE));
    Files.createDirectories(partial.getParent());
    Files.write(partial, FakeHub.bytes(length, 77));
    client.download();
    assertWholeAndAlone();
  }

  @Test
  void aPartialFileThatIsWholeIsOnlyChecked() throws IOException {
    Path partial = client.partial(hub.hash(LARGE));
    Files.createDirectories(partial.getParent());
    Files.write(partial, hub.content(LARGE));
    client.download();
    assertWholeAndAlone();
    assertThat(hub.storageRequests()).isEmpty();
  }

  /** A proxy on the way packs what it passes on, though nobody asked for that. */
  @Test
  void whatIsPackedOnTheWayIsUnpacked() throws IOException {
    FakeHub.Fault zip =
        (r, c, out) -> RawServer.write(out, 200, zipped(c), "Content-Encoding: gzip");
    hub.next("config.json", zip).next(LARGE, zip);
    hub.nextAt(
        "/tree/",
        (r, out) -> {
          throw new IOException("dropped");
        });
    client.download();
    assertWholeAndAlone();
    assertThat(client.snapshot().resolve("config.json"))
        .hasBinaryContent(hub.content("config.json"));
    assertThat(hub.hubRequests())
        .allSatisfy(r -> assertThat(r.header("Accept-Encoding")).isEqualTo("identity"));
  }

  private static byte[] zipped(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(content);
    }
    return bytes.toByteArray();
  }

  @Test
  void smallFilesAreCheckedToo() {
    for (int i = 0; i < 10; i++) {
      hub.next(
          "tokenizer.json",
          (r, c, out) -> {
            byte[] other = c.clone();
            other[5] ^= 1;
            RawServer.write(out, 200, other);
          });
    }
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("tokenizer.json: expected git blob id " + hub.hash("tokenizer.json"))
        .hasMessageContaining("kept nothing");
    assertThat(client.snapshot()).doesNotExist();
  }

  /** What a failure leaves is what the next try begins with. */
  @Test
  void anotherTryGoesOnWhereTheLastOneEnded() throws IOException {
    List<FakeHub.Fault> ways = new ArrayList<>(List.of(halfThenDropped()));
    for (int i = 0; i < 6; i++) {
      ways.add(Once.UNAVAILABLE.fault);
    }
    hub.next(LARGE, ways.toArray(FakeHub.Fault[]::new));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("answered 503")
        .hasMessageContaining("gave up after 6 tries");
    assertThat(Files.size(client.partial(hub.hash(LARGE)))).isEqualTo(HALF);
    assertThat(client.locator().plan(FakeHub.ID, "main").missingBytes()).isEqualTo(HALF);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).endsWith(HALF);
  }

  @Test
  void theHubsLimitsAreWaitedFor() {
    hub.nextAt(
        "/tree/",
        (r, out) ->
            RawServer.write(out, 429, new byte[0], "RateLimit: \"api\";r=0;t=55", "Retry-After: 3"),
        (r, out) -> RawServer.write(out, 429, new byte[0], "Retry-After: 17"),
        (r, out) -> RawServer.write(out, 500, new byte[0]),
        (r, out) -> RawServer.write(out, 408, new byte[0]));
    client.download();
    assertThat(client.pauses()).containsExactly(56L, 17L, 4L, 8L);
  }

  @Test
  void aWaitWithoutEndIsRefused() {
    hub.nextAt("/tree/", (r, out) -> RawServer.write(out, 429, new byte[0], "Retry-After: 7200"));
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("answered 429");
    assertThat(client.pauses()).isEmpty();
  }

  @Test
  void aCircleOfRedirectsEnds() {
    for (int i = 0; i < 100; i++) {
      hub.nextAt(
          "/revision/",
          (r, out) -> RawServer.write(out, 302, new byte[0], "Location: " + r.target()));
    }
    assertThatThrownBy(() -> client.download())
        .isInstanceOf(DownloadException.class)
        .hasMessageContaining("more than 10 redirects");
  }

  @Test
  void anInterruptEndsADownloadAndKeepsWhatCame() throws Exception {
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    hub.next(
        LARGE,
        (r, c, out) -> {
          RawServer.head(out, 200, c.length);
          out.write(c, 0, HALF);
          out.flush();
          half.countDown();
          end.await();
        });
    List<Throwable> thrown = new ArrayList<>();
    List<Boolean> flags = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                client.download();
              } catch (DownloadException e) {
                thrown.add(e);
              }
              flags.add(Thread.currentThread().isInterrupted());
            });
    thread.start();
    half.await();
    Path partial = client.partial(hub.hash(LARGE));
    while (!Files.exists(partial) || Files.size(partial) < HALF) {
      Thread.sleep(5);
    }
    thread.interrupt();
    thread.join();
    end.countDown();
    assertThat(thrown).singleElement().asString().contains("the download was interrupted");
    assertThat(flags).containsExactly(true);
    client.download();
    assertWholeAndAlone();
    assertThat(hub.starts()).containsExactly(0, HALF);
  }
}
