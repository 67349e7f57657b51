package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What another thread makes is there when it is needed, or the reason is. */
class BesideTest {
  private static final String NAME = "blip2 makes something";

  private final CountDownLatch go = new CountDownLatch(1);

  private <T> Beside<T> waiting(Supplier<T> maker) {
    return Beside.of(
        NAME,
        () -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return maker.get();
        });
  }

  @Test
  void aThreadOfItsOwnMakesIt() {
    List<Thread> makers = new ArrayList<>();
    Beside<String> made =
        waiting(
            () -> {
              makers.add(Thread.currentThread());
              return "made";
            });
    made.requireNoFailure(); // does not wait
    go.countDown();
    assertThat(made.get()).isEqualTo("made");
    assertThat(made.get()).isSameAs(made.get());
    assertThat(makers).extracting(Thread::getName).containsExactly(NAME);
  }

  @Test
  void whatMakingThrowsIsThrownAsItIs() {
    go.countDown();
    CheckpointException wrong = new CheckpointException("no tokenizer");
    Beside<String> refused =
        waiting(
            () -> {
              throw wrong;
            });
    assertThatThrownBy(refused::get).isSameAs(wrong);
    assertThatThrownBy(refused::requireNoFailure).isSameAs(wrong);
    LinkageError missing = new LinkageError("no library");
    Beside<String> failed =
        waiting(
            () -> {
              throw missing;
            });
    assertThatThrownBy(failed::get).isSameAs(missing);
    assertThatThrownBy(failed::requireNoFailure).isSameAs(missing);
  }

  @Test
  void whatNobodyWantsIsClosedBeforeItsCallerGoesOn() {
    List<String> closed = new ArrayList<>();
    Beside<String> made = waiting(() -> "made");
    go.countDown();
    made.discard(closed::add);
    assertThat(closed).containsExactly("made");
  }

  @Test
  void ofWhatCouldNotBeMadeNothingIsClosed() {
    List<String> closed = new ArrayList<>();
    Beside<String> failed =
        waiting(
            () -> {
              throw new IllegalStateException("not made");
            });
    go.countDown();
    assertThatCode(() -> failed.discard(closed::add)).doesNotThrowAnyException();
    assertThat(closed).isEmpty();
  }
}
