package io.github.blip2j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What clients find is a fault, or is none. */
class CrowdTest {
  private static final InetSocketAddress NOWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private static final Visit LEAVES = new Visit("leaves", Visit.Kind.LEAVING, server -> "");
  private static final Visit RUBBISH = new Visit("rubbish", Visit.Kind.RUBBISH, server -> "");

  /** A crowd whose sincere visits find this, after so many of them. */
  private static Crowd crowd(Visit.Work work, int visits, boolean stopping) throws Exception {
    CountDownLatch enough = new CountDownLatch(visits);
    Visit.Work counted =
        server -> {
          enough.countDown();
          return work.run(server);
        };
    Visit sincere = new Visit("sincere", Visit.Kind.SINCERE, counted);
    Crowd crowd = new Crowd(NOWHERE, List.of(sincere, LEAVES, RUBBISH), 0.1, 0.05);
    if (stopping) {
      crowd.serverStops();
    }
    crowd.start(4, 1);
    enough.await();
    crowd.end();
    return crowd;
  }

  @Test
  void rightAnswersAreCountedByTheirKind() throws Exception {
    Crowd crowd = crowd(server -> "", 1000, false);
    assertThat(crowd.faults()).isEmpty();
    long sincere = crowd.done(Visit.Kind.SINCERE);
    assertThat(sincere).isGreaterThanOrEqualTo(1000);
    assertThat((double) crowd.done(Visit.Kind.LEAVING) / sincere).isBetween(0.08, 0.17);
    assertThat((double) crowd.done(Visit.Kind.RUBBISH) / sincere).isBetween(0.03, 0.09);
  }

  @Test
  void aWrongAnswerIsAFault() throws Exception {
    AtomicInteger count = new AtomicInteger();
    Crowd crowd = crowd(s -> count.getAndIncrement() == 20 ? "found another" : "", 100, false);
    assertThat(crowd.faults()).containsExactly("sincere: found another");
  }

  @Test
  void whatNobodyExpectsIsAFault() throws Exception {
    AtomicInteger count = new AtomicInteger();
    Crowd crowd =
        crowd(
            server -> {
              if (count.getAndIncrement() == 20) {
                throw new NumberFormatException("odd");
              }
              return "";
            },
            100,
            false);
    assertThat(crowd.faults()).hasSize(1);
    assertThat(crowd.faults().get(0)).contains("NumberFormatException: odd");
  }

  @Test
  void aServerWithoutRoomIsNoFault() throws Exception {
    Crowd crowd = crowd(server -> Refusals.FULL, 8, false);
    assertThat(crowd.faults()).isEmpty();
    assertThat(crowd.full()).isGreaterThanOrEqualTo(8);
    assertThat(crowd.done(Visit.Kind.SINCERE)).isZero();
  }

  @Test
  void onlyAServerThatStopsMayTurnClientsAway() throws Exception {
    for (String away : List.of(Refusals.STOPPING, Refusals.NOTHING)) {
      assertThat(crowd(server -> away, 1, false).faults()).as(away).isNotEmpty();
      Crowd stopping = crowd(server -> away, 8, true);
      assertThat(stopping.faults()).isEmpty();
      assertThat(stopping.turnedAway()).isGreaterThanOrEqualTo(8);
    }
  }

  @Test
  void aConnectionThatIsRefusedIsAFaultUnlessTheServerStops() throws Exception {
    Visit.Work refused =
        server -> {
          throw new IOException("refused");
        };
    assertThat(crowd(refused, 1, false).faults()).isNotEmpty();
    assertThat(crowd(refused, 8, true).faults()).isEmpty();
  }

  @Test
  void someCanBeSentHome() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    Visit.Work work =
        server -> {
          seen.add(Thread.currentThread().getName());
          return "";
        };
    Visit visit = new Visit("visit", Visit.Kind.SINCERE, work);
    Crowd crowd = new Crowd(NOWHERE, List.of(visit), 0, 0);
    crowd.start(8, 1);
    crowd.thin(2);
    seen.clear();
    while (seen.size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(seen).containsExactlyInAnyOrder("serve-load-0", "serve-load-1");
    crowd.end();
  }

  @Test
  void moreOfTheHostIsFound() {
    Host before = new Host(0, 10, 1_000_000);
    assertThat(new Host(0, 14, 1_500_000).beyond(before, 4, 500_000)).isEmpty();
    assertThat(new Host(0, 15, 0).beyond(before, 4, 0))
        .isEqualTo("descriptors: 10 before, 15 after; ");
    assertThat(new Host(1, 10, 0).beyond(before, 4, 0))
        .contains("1 threads of the server are left");
    assertThat(new Host(0, 0, 1_600_000).beyond(before, 4, 500_000))
        .isEqualTo("direct buffers: 1.0 MB before, 1.6 MB after; ");
    assertThat(Host.now().descriptors()).isPositive();
  }

  /** What nobody holds is no longer there when it counts; what somebody holds is. */
  @Test
  void garbageIsNotLeftOver() throws InterruptedException {
    long before = Host.collected().direct();
    ByteBuffer held = ByteBuffer.allocateDirect(3 << 20);
    for (int i = 0; i < 8; i++) {
      assertThat(ByteBuffer.allocateDirect(1 << 20).isDirect()).isTrue();
    }
    assertThat(Host.collected().direct() - before).isBetween(3L << 20, (3L << 20) + (1 << 19));
    assertThat(held.capacity()).isEqualTo(3 << 20);
  }
}
