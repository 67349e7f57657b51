package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
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
}
