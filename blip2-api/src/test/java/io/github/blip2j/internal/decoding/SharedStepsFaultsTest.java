package io.github.blip2j.internal.decoding;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ScoreProcessor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What goes wrong in the midst of a step that texts share. The model stops a step or a copy of rows
 * until what the test is about has happened; what would wait for ever runs into the limit.
 */
@Timeout(60)
class SharedStepsFaultsTest {
  private static final int VOCABULARY = 1000;
  private static final TextConfig CONFIG = new TinyConfig(VOCABULARY, 700);
  private static final SharedSteps.Pauses PATIENT =
      new SharedSteps.Pauses(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2);
  private static final float[] IMAGE = new float[2 * TinyConfig.WIDTH];

  private final Turns turns = Turns.of(1, 1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 0, 0), VOCABULARY, 0);
  private final SharedSteps steps = new SharedSteps(8, CONFIG, turns, PATIENT);
  private final LookaheadModel shared = new LookaheadModel(model::open, CONFIG, steps);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private static void pass(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Where so many texts meet that have read their prompts: none of them takes a step yet. */
  private CyclicBarrier meeting(int texts) {
    return new CyclicBarrier(texts, () -> turns.enter(Turns.Kind.WORK, Patience.ENDLESS));
  }

  /** Lets those go on who wait for their step, once they are so many. */
  private boolean goOn(int count) {
    while (steps.waiting() < count) {
      Thread.onSpinWait();
    }
    turns.leave();
    return true;
  }

  private Sequence write(int first, int tokens, ScoreProcessor processor) {
    GenerationOptions options =
        GenerationOptions.builder()
            .maxNewTokens(tokens)
            .scoreProcessors(List.of(processor))
            .build();
    Prompt prompt = new Prompt(IMAGE, new int[] {first}, options);
    try (DecodingLoop loop =
        DecodingLoop.start(
            shared,
            CONFIG,
            List.of(prompt),
            ids -> ids.stream().map(id -> Character.toString('a' + id)).collect(joining()))) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results().get(0).get(0);
    }
  }

  private static ScoreProcessor meetAt(CyclicBarrier barrier) {
    return (tokens, scores) -> {
      if (tokens.size() == 1) {
        pass(barrier);
      }
    };
  }

  private static List<Integer> counted(int first, int count) {
    return IntStream.rangeClosed(first + 1, first + count).boxed().toList();
  }

  private static boolean isStep(String call, int rows) {
    return call.startsWith("append") && call.split("], \\[").length == rows;
  }

  /** Takes steps together with a text until that has ended; its rows stay with the others'. */
  private LookaheadSession idle(float[] logits) throws Exception {
    LookaheadSession idle = shared.open(1, 40);
    CyclicBarrier begun = meeting(2);
    Future<Sequence> other = threads.submit(() -> write(400, 3, meetAt(begun)));
    idle.append(IMAGE, new int[][] {{10}}, logits);
    pass(begun);
    Future<Boolean> going = threads.submit(() -> goOn(2));
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
          meetAt(begun).process(tokens, scores);
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
    Future<Sequence> one = threads.submit(() -> write(10, 40, notes));
    Future<Sequence> other = threads.submit(() -> write(200, 40, notes));
    goOn(2);
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
            meetAt(comes).process(tokens, scores);
          };
      Future<Sequence> late = threads.submit(() -> write(600, 5, waits));
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
      Future<Sequence> leader = threads.submit(() -> write(200, 5, (tokens, scores) -> {}));
      moving.await();
      turns.enter(Turns.Kind.WORK, Patience.ENDLESS);
      pass(comes);
      goOn(2);
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
              threads.submit(() -> write(300, 5, meetAt(begun))),
              threads.submit(() -> write(600, 5, meetAt(begun))));
      idle.rest();
      goOn(2);
      assertThat(texts.get(0).get().ids()).isEqualTo(counted(300, 5));
      assertThat(texts.get(1).get().ids()).isEqualTo(counted(600, 5));
      assertThat(shortened).isTrue();
      assertThat(idle.length(0)).isEqualTo(2 + 2);
      step(idle, 30, logits);
    }
  }
}
