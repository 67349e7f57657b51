package io.github.blip2j.internal.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ScoreProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Texts of several threads that take their steps together. */
class SharedStepsTest extends SharedTexts {
  @Test
  void textsOfSeveralThreadsTakeTheirStepsTogether() throws Exception {
    ScoreProcessor meets = meetAt(meeting(3), 1);
    List<Future<Sequence>> texts = new ArrayList<>();
    for (int text = 0; text < 3; text++) {
      int first = 200 * text;
      texts.add(threads.submit(() -> write(first, options(200 + first / 10, meets))));
    }
    goOn(texts);
    for (int text = 0; text < 3; text++) {
      Sequence written = texts.get(text).get();
      assertThat(written.ids()).isEqualTo(counted(200 * text, 200 + 20 * text));
      assertThat(written.finish()).contains(FinishReason.LENGTH);
    }
    assertThat(steps(3)).as("all but the first token").isEqualTo(199);
    assertThat(steps(2)).as("when the shortest has left").isEqualTo(20);
    assertThat(model.calls.stream().filter(c -> c.equals("close")).count())
        .as("sessions closed")
        .isEqualTo(3 + model.calls.stream().filter(c -> c.startsWith("fork")).count());
  }

  @Test
  void aTextThatIsAloneHasItsSessionForItself() {
    assertThat(write(5, options(30, (tokens, scores) -> {})).ids()).isEqualTo(counted(5, 30));
    assertThat(model.calls).noneMatch(c -> c.startsWith("fork") || c.startsWith("adopt"));
  }

  @Test
  void aProcessorThatThrowsEndsItsTextAlone() throws Exception {
    CyclicBarrier begun = meeting(2);
    Future<Sequence> good = threads.submit(() -> write(10, options(40, meetAt(begun, 1))));
    ScoreProcessor bad =
        (tokens, scores) -> {
          meetAt(begun, 1).process(tokens, scores);
          if (tokens.size() == 9) {
            throw new IllegalArgumentException("no more");
          }
        };
    Future<Sequence> failing = threads.submit(() -> write(200, options(40, bad)));
    goOn(List.of(good, failing));
    assertThatThrownBy(failing::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("no more");
    assertThat(good.get().ids()).isEqualTo(counted(10, 40));
    assertThat(steps(2)).as("until it threw").isEqualTo(8);
  }

  /** While one waits for its only row, the other has no more than its turn. */
  @Test
  void whoWaitsForARowGetsItAfterATurn() throws Exception {
    share(1, PATIENT);
    int count = 4 * SharedSteps.TURN;
    List<Integer> written = Collections.synchronizedList(new ArrayList<>());
    CyclicBarrier begun = meeting(2);
    List<Future<Sequence>> texts = new ArrayList<>();
    for (int text = 0; text < 2; text++) {
      int own = text;
      ScoreProcessor notes =
          (tokens, scores) -> {
            meetAt(begun, 1).process(tokens, scores);
            written.add(own);
          };
      texts.add(threads.submit(() -> write(300 * own, options(count, notes))));
    }
    goOn(texts);
    for (int text = 0; text < 2; text++) {
      assertThat(texts.get(text).get().ids()).isEqualTo(counted(300 * text, count));
    }
    int end = Math.min(written.lastIndexOf(0), written.lastIndexOf(1));
    int longest = 0;
    int run = 0;
    for (int i = 1; i < end; i++) {
      run = written.get(i).equals(written.get(i - 1)) ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    assertThat(longest).isLessThanOrEqualTo(SharedSteps.TURN + 1);
  }

  /** The test holds the engine's only turn, so that a text can do nothing but wait. */
  @Test
  void cancellingInterruptsAndDeadlinesEndTheWaiting() throws Exception {
    CountDownLatch first = new CountDownLatch(3);
    CountDownLatch taken = new CountDownLatch(1);
    ScoreProcessor stops =
        (tokens, scores) -> {
          first.countDown();
          await(taken);
        };
    GenerationOptions late = options(40, stops).toBuilder().maxTime(Duration.ofHours(1)).build();
    List<DecodingLoop> loops =
        List.of(loop(1, options(40, stops)), loop(2, options(40, stops)), loop(3, late));
    List<Future<?>> writing = new ArrayList<>();
    List<Thread> writers = Collections.synchronizedList(new ArrayList<>());
    for (DecodingLoop loop : loops) {
      Callable<Boolean> finish =
          () -> {
            if (loop == loops.get(1)) {
              writers.add(Thread.currentThread());
            }
            while (loop.step()) {
              assertThat(loop.results()).hasSize(1);
            }
            return Thread.currentThread().isInterrupted();
          };
      writing.add(threads.submit(finish));
    }
    first.await();
    turns.enter(Turns.Kind.WORK, Patience.ENDLESS);
    loops.get(2).waited(Duration.ofHours(1).toNanos());
    taken.countDown();
    loops.get(0).cancel();
    writers.get(0).interrupt();
    for (Future<?> one : writing) {
      one.get();
    }
    turns.leave();
    for (DecodingLoop loop : loops) {
      Sequence text = loop.results().get(0).get(0);
      FinishReason reason = loop == loops.get(2) ? FinishReason.DEADLINE : FinishReason.CANCELLED;
      assertThat(text.finish()).contains(reason);
      assertThat(text.ids()).hasSize(1);
      loop.close();
    }
    assertThat(write(7, options(5, (tokens, scores) -> {})).ids()).isEqualTo(counted(7, 5));
  }

  /** Its prompt is not read any more, and it ends without a token. */
  @Test
  void aDeadlineCountsTheWaitForTheFirstToken() throws Exception {
    turns.enter(Turns.Kind.WORK, Patience.ENDLESS);
    GenerationOptions late =
        GenerationOptions.builder().maxTime(Duration.ofMillis(1)).maxNewTokens(9).build();
    Sequence text = write(4, late);
    assertThat(text.finish()).contains(FinishReason.DEADLINE);
    assertThat(text.ids()).isEmpty();
    assertThat(model.calls).containsExactly("close");
    turns.leave();
    try (DecodingLoop waited = loop(4, late)) {
      waited.waited(Duration.ofSeconds(1).toNanos());
      assertThat(waited.step()).as("its time was spent before").isFalse();
      assertThat(waited.results().get(0).get(0).ids()).as("but there was no wait").hasSize(1);
    }
  }

  /** What the steps of two texts are to others, once the texts have shared one. */
  private Turns.Kind nextOfTwo(int maxRows) throws Exception {
    share(maxRows, PATIENT);
    CyclicBarrier begun = meeting(2);
    CyclicBarrier stepped = new CyclicBarrier(2);
    Set<Turns.Kind> kinds = ConcurrentHashMap.newKeySet();
    ScoreProcessor asks =
        (tokens, scores) -> {
          meetAt(begun, 1).process(tokens, scores);
          if (tokens.size() == 2) {
            kinds.add(steps.next());
            pass(stepped);
          }
        };
    List<Future<Sequence>> texts = new ArrayList<>();
    for (int first : List.of(10, 20)) {
      texts.add(threads.submit(() -> write(first, options(3, asks))));
    }
    goOn(texts);
    for (Future<Sequence> text : texts) {
      text.get();
    }
    assertThat(kinds).hasSize(1);
    return kinds.iterator().next();
  }

  @Test
  void aStepWithoutRoomForMoreRowsLetsNobodyInFirst() throws Exception {
    assertThat(nextOfTwo(2)).isEqualTo(Turns.Kind.FULL_STEP);
    assertThat(nextOfTwo(3)).isEqualTo(Turns.Kind.STEP);
  }

  /** Whoever shares a step that fails is told; those who come later are served. */
  @Test
  void aStepThatFailsFailsForAllInIt() throws Exception {
    CyclicBarrier begun = meeting(2);
    List<Future<Sequence>> texts = new ArrayList<>();
    for (int text = 0; text < 2; text++) {
      int first = 100 * text;
      ScoreProcessor breaks =
          (tokens, scores) -> {
            meetAt(begun, 1).process(tokens, scores);
            if (tokens.size() == 10) {
              model.failing = true;
            }
          };
      texts.add(threads.submit(() -> write(first, options(40, breaks))));
    }
    goOn(texts);
    for (Future<Sequence> text : texts) {
      assertThatThrownBy(text::get)
          .hasCauseInstanceOf(InferenceException.class)
          .hasMessageContaining("broken by the test");
    }
    assertThat(steps(2)).as("before the one that failed").isEqualTo(9);
    model.failing = false;
    assertThat(write(7, options(5, (tokens, scores) -> {})).ids()).isEqualTo(counted(7, 5));
  }

  /** Three texts that wait for their first step at the same time. */
  private List<Sequence> three(int count) throws Exception {
    CyclicBarrier begun = meeting(3);
    List<Future<Sequence>> texts = new ArrayList<>();
    for (int text = 0; text < 3; text++) {
      int first = 200 * text;
      texts.add(threads.submit(() -> write(first, options(count, meetAt(begun, 1)))));
    }
    goOn(texts);
    List<Sequence> written = new ArrayList<>();
    for (Future<Sequence> text : texts) {
      written.add(text.get());
    }
    return written;
  }

  private static void assertCounted(List<Sequence> texts, int count) {
    for (int text = 0; text < texts.size(); text++) {
      assertThat(texts.get(text).ids()).isEqualTo(counted(200 * text, count));
    }
  }

  @Test
  void whoFindsNoMemoryWaitsUntilOthersHaveLeft() throws Exception {
    model.fitting = 2;
    assertCounted(three(30), 30);
    assertThat(steps(2)).isPositive();
    assertThat(steps(3)).isZero();
  }

  @Test
  void withoutMemoryForASharedSessionEachTakesItsOwnSteps() throws Exception {
    model.fitting = 0;
    assertCounted(three(30), 30);
    assertThat(steps(2) + steps(3)).isZero();
    model.fitting = Integer.MAX_VALUE;
    assertCounted(three(30), 30);
    assertThat(steps(2) + steps(3)).as("memory is asked for again").isPositive();
  }

  /** The last of two was to go on alone, with a copy of its rows that there is no memory for. */
  @Test
  void whoFindsNoMemoryForRowsOfItsOwnIsTold() throws Exception {
    shared = new LookaheadModel(model, CONFIG, steps);
    CyclicBarrier begun = meeting(2);
    ScoreProcessor ends =
        (tokens, scores) -> {
          meetAt(begun, 1).process(tokens, scores);
          if (tokens.size() == 99) {
            model.fitting = 0;
          }
        };
    Future<Sequence> first = threads.submit(() -> write(0, options(100, ends)));
    Future<Sequence> last = threads.submit(() -> write(300, options(300, meetAt(begun, 1))));
    goOn(List.of(first, last));
    assertThat(first.get().ids()).isEqualTo(counted(0, 100));
    assertThatThrownBy(last::get)
        .hasCauseInstanceOf(InferenceException.class)
        .hasMessageContaining("no memory, says the test");
    model.fitting = Integer.MAX_VALUE;
    assertThat(write(7, options(5, (tokens, scores) -> {})).ids()).isEqualTo(counted(7, 5));
  }

  /** Beams and several sequences move their rows about within the shared session. */
  @Test
  void severalRowsOfATextStayTogether() throws Exception {
    CyclicBarrier begun = meeting(2);
    GenerationOptions meets = options(12, meetAt(begun, 1)).toBuilder().numBeams(3).build();
    GenerationOptions beams = GenerationOptions.builder().numBeams(3).maxNewTokens(12).build();
    List<Integer> alone = write(50, beams).ids();
    model.calls.clear();
    Future<Sequence> other = threads.submit(() -> write(400, options(60, meetAt(begun, 1))));
    Future<Sequence> text = threads.submit(() -> write(50, meets));
    goOn(List.of(other, text));
    assertThat(text.get().ids()).isEqualTo(alone);
    assertThat(other.get().ids()).isEqualTo(counted(400, 60));
    assertThat(steps(4)).as("three rows and one").isEqualTo(11);
  }

  /** Its rows are given back to a session of its own, which it then shortens and goes on with. */
  @Test
  void aSharedSessionIsUsedLikeAnyOther() throws Exception {
    share(8, new SharedSteps.Pauses(1, 1)); // nobody waits for who does not come back
    CyclicBarrier begun = meeting(2);
    CountDownLatch used = new CountDownLatch(1);
    ScoreProcessor waits =
        (tokens, scores) -> {
          meetAt(begun, 1).process(tokens, scores);
          if (tokens.size() == 10) {
            await(used);
          }
        };
    Future<Sequence> other = threads.submit(() -> write(400, options(30, waits)));
    float[] logits = new float[VOCABULARY];
    try (LookaheadSession session = shared.open(1, 40)) {
      session.append(IMAGE, new int[][] {{10}}, logits);
      pass(begun);
      Callable<Boolean> goesOn =
          () -> {
            goOn(2, List.of(other));
            return true;
          };
      Future<Boolean> going = threads.submit(goesOn);
      for (int token = 11; token < 16; token++) {
        LookaheadSession.Given given =
            new LookaheadSession.Given(new float[0], new int[][] {{token}}, logits);
        assertThat(session.append(given, Optional.empty(), Patience.ENDLESS)).isTrue();
        assertThat(logits[token + 1]).isEqualTo(5);
      }
      assertThat(going.get()).isTrue();
      assertThat(steps(2)).as("the first, and others if both come in time").isPositive();
      assertThat(session.length(0)).isEqualTo(2 + 6);
      session.rest();
      session.truncate(2 + 3);
      try (LookaheadSession fork = session.fork(new int[] {0, 0}, 40)) {
        fork.append(new float[0], new int[][] {{20}, {30}}, new float[2 * VOCABULARY]);
        assertThat(fork.length(1)).isEqualTo(2 + 4);
      }
      session.append(new float[0], new int[][] {{40, 41}}, logits);
      assertThat(logits[42]).isEqualTo(5);
    }
    used.countDown();
    assertThat(other.get().ids()).isEqualTo(counted(400, 30));
    assertThat(model.closed).contains(List.of(10, 11, 12, 40, 41));
  }
}
