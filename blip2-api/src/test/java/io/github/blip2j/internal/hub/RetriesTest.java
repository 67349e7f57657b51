package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.DownloadException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When another try is made, and when it is enough. No test waits. */
class RetriesTest {
  private final List<Long> waits = new ArrayList<>();
  private final Retries retries = new Retries(waits::add);

  private static HubProblem asking(long seconds) {
    return new HubProblem(new DownloadException("slow down"), true, seconds);
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      retries.failed(HubProblem.temporary("broken"));
    }
  }

  @Test
  void fiveTriesAreMadeEachLater() {
    fail(5);
    assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 8L);
    assertThatThrownBy(() -> fail(1))
        .isInstanceOf(DownloadException.class)
        .hasMessage("broken; gave up after 6 tries, please try again later")
        .hasRootCauseMessage("broken");
    assertThat(waits).hasSize(5);
  }

  @Test
  void progressGivesFiveTriesAgain() {
    fail(4);
    retries.progressed();
    fail(5);
    assertThat(waits).endsWith(1L, 2L, 4L, 8L, 8L);
  }

  @Test
  void whatLastsIsToldAtOnce() {
    HubProblem lasting = HubProblem.lasting("no such model");
    assertThatThrownBy(() -> retries.failed(lasting)).isSameAs(lasting.error());
    assertThat(waits).isEmpty();
  }

  @Test
  void theServersWishCountsWhereItIsLonger() {
    retries.failed(asking(300));
    retries.failed(asking(1));
    retries.failed(asking(600));
    assertThat(waits).containsExactly(300L, 2L, 600L);
    HubProblem endless = asking(601);
    assertThatThrownBy(() -> retries.failed(endless)).isSameAs(endless.error());
  }

  @Test
  void anInterruptEndsTheWaitAndIsKept() {
    Retries interrupted =
        new Retries(
            seconds -> {
              throw new InterruptedException();
            });
    try {
      assertThatThrownBy(() -> interrupted.failed(HubProblem.temporary("broken")))
          .isInstanceOf(DownloadException.class)
          .hasMessage("the download was interrupted");
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }
}
