package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Places and turns, without a network. */
class AdmissionTest {
  private static Admission of(int atOnce, int waiting, Duration patience) {
    return new Admission(ServerLimits.defaults().withRequests(atOnce, waiting), patience);
  }

  @Test
  void thereAreSoManyPlacesAndNoMore() {
    Admission admission = of(2, 1, Duration.ofMinutes(1));
    Admission.Ticket first = admission.ticket();
    Admission.Ticket second = admission.ticket();
    Admission.Ticket third = admission.ticket();
    assertThat(admission.waiting()).isEqualTo(3);
    assertThatThrownBy(admission::ticket)
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> {
              assertThat(r.status()).isEqualTo(429);
              assertThat(r.headers()).containsKey("Retry-After");
            })
        .hasMessageContaining("3 requests");
    first.use(() -> false);
    second.use(() -> false);
    assertThat(admission.active()).isEqualTo(2);
    assertThat(admission.waiting()).isEqualTo(1);
    second.close();
    admission.ticket().close();
    assertThat(admission.active()).isEqualTo(1);
    first.close();
    third.close();
    assertThat(admission.active()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void whoeverWaitsTooLongIsToldWhenToComeAgain() {
    Admission admission = of(1, 1, Duration.ofMillis(1));
    try (Admission.Ticket user = admission.ticket();
        Admission.Ticket waiter = admission.ticket()) {
      user.use(() -> false);
      assertThatThrownBy(() -> waiter.use(() -> false))
          .isInstanceOfSatisfying(
              Refusal.class,
              r -> {
                assertThat(r.status()).isEqualTo(503);
                assertThat(r.headers()).containsEntry("x-should-retry", "true");
              });
      user.release();
      waiter.use(() -> false);
      assertThat(admission.active()).isEqualTo(1);
    }
    assertThat(admission.active()).as("released once, however often").isZero();
  }

  @Test
  void whoeverHasLeftWaitsNoLonger() {
    Admission admission = of(1, 1, Duration.ofHours(1));
    AtomicInteger looks = new AtomicInteger();
    try (Admission.Ticket user = admission.ticket();
        Admission.Ticket waiter = admission.ticket()) {
      user.use(() -> false);
      assertThatThrownBy(() -> waiter.use(() -> looks.incrementAndGet() == 2))
          .isInstanceOf(ClientGone.class);
    }
    assertThat(looks).hasValue(2);
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void anInterruptEndsTheWaitingAndStays() {
    Admission admission = of(1, 0, Duration.ofHours(1));
    try (Admission.Ticket only = admission.ticket()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> only.use(() -> false))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.headers()).containsEntry("x-should-retry", "false"));
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(admission.active()).isZero();
  }

  /** A thread that waits for the model, notes its name once it has it, and gives it back. */
  private static Thread waiter(
      Admission admission, String name, Queue<String> served, BooleanSupplier gone) {
    Thread thread =
        new Thread(
            () -> {
              try (Admission.Ticket ticket = admission.ticket()) {
                ticket.use(gone);
                served.add(name);
              } catch (ClientGone e) {
                served.add(name + " left");
              } catch (Refusal e) {
                served.add(name + " " + e.code());
              }
            });
    thread.start();
    return thread;
  }

  /** The model becomes free at the moment at which the first in the line is looking up. */
  @Test
  void whoeverWaitsLongestIsNextThoughOthersCame() throws InterruptedException {
    Admission admission = of(1, 8, Duration.ofHours(1));
    Queue<String> served = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    CountDownLatch firstWaits = new CountDownLatch(1);
    CountDownLatch othersWait = new CountDownLatch(3);
    try (Admission.Ticket user = admission.ticket()) {
      user.use(() -> false);
      BooleanSupplier freesTheModel =
          () -> {
            firstWaits.countDown();
            if (othersWait.getCount() == 0) {
              user.release();
            }
            return false;
          };
      threads.add(waiter(admission, "0", served, freesTheModel));
      firstWaits.await();
      for (int i = 1; i <= 3; i++) {
        CountDownLatch waits = new CountDownLatch(1);
        BooleanSupplier looks =
            () -> {
              waits.countDown();
              return false;
            };
        threads.add(waiter(admission, Integer.toString(i), served, looks));
        waits.await();
        othersWait.countDown();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    assertThat(served).containsExactly("0", "1", "2", "3");
    assertThat(admission.active()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  /** Its turn comes while it leaves: the model goes to the one behind it. */
  @Test
  void aTurnThatNobodyTakesIsPassedOn() throws InterruptedException {
    Admission admission = of(1, 2, Duration.ofHours(1));
    Queue<String> served = new ConcurrentLinkedQueue<>();
    CountDownLatch secondWaits = new CountDownLatch(1);
    CountDownLatch firstWaits = new CountDownLatch(1);
    try (Admission.Ticket user = admission.ticket()) {
      user.use(() -> false);
      BooleanSupplier leaves =
          () -> {
            firstWaits.countDown();
            if (secondWaits.getCount() > 0) {
              return false;
            }
            user.release();
            return true;
          };
      Thread first = waiter(admission, "first", served, leaves);
      firstWaits.await();
      BooleanSupplier stays =
          () -> {
            secondWaits.countDown();
            return false;
          };
      Thread second = waiter(admission, "second", served, stays);
      first.join();
      second.join();
    }
    assertThat(served).containsExactlyInAnyOrder("first left", "second");
    assertThat(admission.active()).isZero();
  }

  @Test
  void anInterruptLeavesTheLineToOthers() throws InterruptedException {
    Admission admission = of(1, 2, Duration.ofHours(1));
    Queue<String> served = new ConcurrentLinkedQueue<>();
    CountDownLatch waits = new CountDownLatch(1);
    try (Admission.Ticket user = admission.ticket()) {
      user.use(() -> false);
      BooleanSupplier looks =
          () -> {
            waits.countDown();
            return false;
          };
      Thread interrupted = waiter(admission, "interrupted", served, looks);
      waits.await();
      interrupted.interrupt();
      interrupted.join();
      assertThat(served).containsExactly("interrupted stopping");
      assertThat(admission.active()).isEqualTo(1);
      assertThat(admission.waiting()).isZero();
      user.release();
      user.use(() -> false);
      assertThat(admission.active()).as("nobody else was let in").isEqualTo(1);
    }
    assertThat(admission.active()).isZero();
  }
}
