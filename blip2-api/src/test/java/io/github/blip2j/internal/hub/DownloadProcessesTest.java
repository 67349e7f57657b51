package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Processes of their own: one that is killed in the middle, and several at once. */
class DownloadProcessesTest extends HubExchange {
  private static final int SIZE = 3_000_000;
  private static final int SENT = 1_700_000;

  DownloadProcessesTest() {
    super(SIZE);
  }

  private static void await(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  private void assertOneGoodCopy() throws Exception {
    assertThat(client.locator().find(FakeHub.ID, "main")).isEqualTo(client.snapshot());
    assertThat(client.snapshot().resolve(LARGE)).hasBinaryContent(hub.content(LARGE));
    try (Stream<Path> blobs = Files.list(client.folder().resolve("blobs"))) {
      assertThat(blobs.map(b -> b.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.of(
                      LARGE,
                      "config.json",
                      "generation_config.json",
                      "preprocessor_config.json",
                      "tokenizer.json")
                  .map(hub::hash)
                  .toList());
    }
  }

  /** The process has no time to tidy up; what it had written is what the next one begins with. */
  @Test
  void aDownloadThatIsKilledGoesOnWhereItWas() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FakeHub.Fault stop =
        (r, c, out) -> {
          int from = r.from();
          RawServer.head(out, from == 0 ? 200 : 206, c.length - from, FakeHub.range(from, SIZE));
          out.write(c, from, SENT / 2);
          out.flush();
          end.await();
        };
    hub.next(LARGE, stop, stop);
    Path partial = client.partial(hub.hash(LARGE));
    for (int have : List.of(SENT / 2, SENT)) {
      Process killed =
          DownloadProcess.start(client.cache(), hub.address(), home.resolve("out").toFile());
      while (killed.isAlive() && (!Files.exists(partial) || Files.size(partial) < have)) {
        Thread.sleep(10);
      }
      assertThat(killed.isAlive()).as(Files.readString(home.resolve("out"))).isTrue();
      killed.destroyForcibly().waitFor();
      assertThat(client.snapshot()).doesNotExist();
      assertThat(client.locator().isHere(FakeHub.ID, "main")).isFalse();
      assertThat(partial).hasSize(have);
    }
    end.countDown();
    Process last =
        DownloadProcess.start(client.cache(), hub.address(), home.resolve("out").toFile());
    await(last);
    assertThat(last.exitValue()).as(Files.readString(home.resolve("out"))).isZero();
    assertThat(Files.readString(home.resolve("out")).strip())
        .isEqualTo(client.snapshot().toString());
    assertThat(hub.starts()).containsExactly(0, SENT / 2, SENT);
    assertOneGoodCopy();
  }

  /** Three processes and two threads of this one, all at the same moment. */
  @Test
  void thoseWhoDownloadAtOnceEndWithOneGoodCopy() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    hub.next(
        LARGE,
        (r, c, out) -> {
          begun.countDown();
          RawServer.head(out, 200, c.length);
          out.write(c, 0, SENT);
          out.flush();
          go.await();
          out.write(c, SENT, c.length - SENT);
        });
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(
          DownloadProcess.start(client.cache(), hub.address(), home.resolve("out" + i).toFile()));
    }
    begun.await();
    List<Throwable> failed = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread = new Thread(() -> client.download());
      thread.setUncaughtExceptionHandler((t, e) -> failed.add(e));
      thread.start();
      threads.add(thread);
    }
    while (hub.hubRequests().stream().filter(r -> r.path().contains("/tree/")).count() < 5) {
      Thread.sleep(10);
    }
    go.countDown();
    for (int i = 0; i < 3; i++) {
      await(processes.get(i));
      assertThat(processes.get(i).exitValue())
          .as(Files.readString(home.resolve("out" + i)))
          .isZero();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).isEmpty();
    assertThat(hub.storageRequests()).as("one transfer for all of them").hasSize(1);
    assertOneGoodCopy();
  }
}
