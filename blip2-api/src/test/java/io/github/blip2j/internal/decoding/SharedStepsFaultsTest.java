package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.ScoreProcessor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What goes wrong in the midst of a step that texts share. The model stops a step or a copy of rows
 * until what the test is about has happened; what would wait for ever runs into the limit.
 */
@Timeout(60)
class SharedStepsFaultsTest extends SharedTexts {
  /** Takes steps together with a text until that has ended; its rows stay with the others'. */
  private LookaheadSession idle(float[] logits) throws Exception {
    LookaheadSession idle = shared.open(1, 40);
    CyclicBarrier begun = meeting(2);
    Future<Sequence> other = threads.submit(() -> write(400, options(3, meetAt(begun, 1))));
    idle.append(IMAGE, new int[][] {{10}}, logits);
    pass(begun);
    Callable<Boolean> goesOn =
        () -> {
          goOn(2, List.of());
          return true;
        };
    Future<Boolean> going = threads.submit(goesOn);
    step(idle, 11, logits);
    step(idle, 12, logits);
    assertThat(going.get()).isTrue();
    assertThat(other.get().ids()).isEqualTo(counted(400, 3));
    return idle;
  }

  private static void step(LookaheadSession session, int token, float[] logits) {
    LookaheadSession.Given given =
        new LookaheadSession.Given(new float[0], new int[][] {{token}}, logits);
    assertThat(session.append(given, Optional.empty(), Patience.ENDLESS)).isTrue();
    assertThat(logits[token + 1]).isEqualTo(5);
  }

  /** Its thread waits for the step, whose leader needs the monitor to end it. */
  @Test
  void whoIsInterruptedDuringAStepEndsBehindIt() throws Exception {
    CyclicBarrier begun = meeting(2);
    Set<Thread> writers = ConcurrentHashMap.newKeySet();
    ScoreProcessor notes =
        (tokens, scores) -> {
          writers.add(Thread.currentThread());
          meetAt(begun, 1).process(tokens, scores);
        };
    AtomicBoolean interrupted = new AtomicBoolean();
    model.before =
        call -> {
          if (isStep(call, 2) && interrupted.compareAndSet(false, true)) {
            writers.remove(Thread.currentThread());
            Thread follower = writers.iterator().next();
            follower.interrupt();
            while (follower.isInterrupted()) { // until it has noticed
              Thread.onSpinWait();
            }
          }
        };
    Future<Sequence> one = threads.submit(() -> write(10, options(40, notes)));
    Future<Sequence> other = threads.submit(() -> write(200, options(40, notes)));
    goOn(2, List.of());
    List<Sequence> written = List.of(one.get(), other.get());
    assertThat(written)
        .extracting(text -> text.finish().orElseThrow())
        .containsExactlyInAnyOrder(FinishReason.LENGTH, FinishReason.CANCELLED);
    for (Sequence text : written) {
      boolean whole = text.finish().orElseThrow() == FinishReason.LENGTH;
      int first = text.ids().get(0) - 1;
      assertThat(text.ids()).isEqualTo(counted(first, whole ? 40 : 2));
    }
  }

  /** It keeps its rows, and takes the next step with whoever has come meanwhile. */
  @Test
  void whoWasToGoAloneIsNotLostWhenMovingOthersFails() throws Exception {
    float[] logits = new float[VOCABULARY];
    try (LookaheadSession idle = idle(logits)) {
      idle.rest();
      CountDownLatch read = new CountDownLatch(1);
      CyclicBarrier comes = new CyclicBarrier(2);
      ScoreProcessor waits =
          (tokens, scores) -> {
            read.countDown();
            meetAt(comes, 1).process(tokens, scores);
          };
      Future<Sequence> late = threads.submit(() -> write(600, options(5, waits)));
      read.await();
      Thread tester = Thread.currentThread();
      CountDownLatch moving = new CountDownLatch(1);
      model.before =
          call -> {
            if (call.startsWith("fork")) {
              model.before = c -> {};
              moving.countDown();
              while (tester.getState() != Thread.State.TIMED_WAITING) { // for this step's turn
                Thread.onSpinWait();
              }
              throw new IllegalStateException("moving failed");
            }
          };
      Future<Sequence> leader =
          threads.submit(() -> write(200, options(5, (tokens, scores) -> {})));
      moving.await();
      turns.enter(Turns.Kind.WORK, Patience.ENDLESS);
      pass(comes);
      goOn(2, List.of());
      assertThat(leader.get().ids()).isEqualTo(counted(200, 5));
      assertThat(late.get().ids()).isEqualTo(counted(600, 5));
      assertThatThrownBy(() -> step(idle, 13, logits))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("moving failed");
    }
  }

  /** What has been moved out already does not wait for the step of the others. */
  @Test
  void rowsThatWereGivenBackAreUsedDuringTheStep() throws Exception {
    float[] logits = new float[VOCABULARY];
    try (LookaheadSession idle = idle(logits)) {
      Callable<Boolean> shortens =
          () -> {
            idle.truncate(2 + 2);
            return true;
          };
      AtomicBoolean shortened = new AtomicBoolean();
      CyclicBarrier begun = meeting(2);
      model.before =
          call -> {
            if (isStep(call, 2) && !shortened.get()) {
              Future<Boolean> done = threads.submit(shortens);
              while (!done.isDone()) {
                Thread.onSpinWait();
              }
              shortened.set(true);
            }
          };
      List<Future<Sequence>> texts =
          List.of(
              threads.submit(() -> write(300, options(5, meetAt(begun, 1)))),
              threads.submit(() -> write(600, options(5, meetAt(begun, 1)))));
      idle.rest();
      goOn(2, List.of());
      assertThat(texts.get(0).get().ids()).isEqualTo(counted(300, 5));
      assertThat(texts.get(1).get().ids()).isEqualTo(counted(600, 5));
      assertThat(shortened).isTrue();
      assertThat(idle.length(0)).isEqualTo(2 + 2);
      step(idle, 30, logits);
    }
  }
}
