package io.github.blip2j.internal.decoding;

import static java.util.stream.Collectors.joining;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ScoreProcessor;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/**
 * Texts that share steps of a scripted model. Nothing depends on speed: steps wait for those of the
 * last one however long it takes, and texts that are to share begin to while the test holds the
 * engine's only turn.
 */
class SharedTexts {
  static final int VOCABULARY = 1000;
  static final int POSITIONS = 700;
  static final TextConfig CONFIG = new TinyConfig(VOCABULARY, POSITIONS);
  static final SharedSteps.Pauses PATIENT =
      new SharedSteps.Pauses(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2);
  static final float[] IMAGE = new float[2 * TinyConfig.WIDTH];

  final Turns turns = Turns.of(1, 1);
  final ExecutorService threads = Executors.newCachedThreadPool();
  final ScriptedModel model =
      new ScriptedModel(Script.counting(VOCABULARY, 5, 0, 0), VOCABULARY, 0);
  SharedSteps steps = new SharedSteps(8, CONFIG, turns, PATIENT);
  LookaheadModel shared = new LookaheadModel(model::open, CONFIG, steps);

  void share(int maxRows, SharedSteps.Pauses pauses) {
    steps = new SharedSteps(maxRows, CONFIG, turns, pauses);
    shared = new LookaheadModel(model::open, CONFIG, steps);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  static GenerationOptions options(int tokens, ScoreProcessor processor) {
    return GenerationOptions.builder()
        .maxNewTokens(tokens)
        .scoreProcessors(List.of(processor))
        .build();
  }

  DecodingLoop loop(int first, GenerationOptions options) {
    return DecodingLoop.start(
        shared,
        CONFIG,
        List.of(new Prompt(IMAGE, new int[] {first}, options)),
        ids -> ids.stream().map(id -> Character.toString('a' + id)).collect(joining()));
  }

  /** A text's only sequence, written to its end. */
  Sequence write(int first, GenerationOptions options) {
    try (DecodingLoop loop = loop(first, options)) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results().get(0).get(0);
    }
  }

  static List<Integer> counted(int first, int count) {
    return IntStream.rangeClosed(first + 1, first + count).boxed().toList();
  }

  static void pass(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where so many texts meet that have read their prompts: none of them takes a step yet. */
  CyclicBarrier meeting(int texts) {
    return new CyclicBarrier(texts, () -> turns.enter(Turns.Kind.WORK, Patience.ENDLESS));
  }

  /** Lets those who have met go on once all wait for their step, which they then take together. */
  void goOn(List<Future<Sequence>> texts) throws Exception {
    goOn(texts.size(), texts);
  }

  /** The same for as many as wait, some of which may be no futures. */
  void goOn(int count, List<Future<Sequence>> texts) throws Exception {
    while (steps.waiting() < count) {
      for (Future<?> text : texts) {
        if (text.isDone()) {
          text.get(); // says why it failed
        }
      }
      Thread.onSpinWait();
    }
    turns.leave();
  }

  static boolean isStep(String call, int rows) {
    return call.startsWith("append") && call.split("], \\[").length == rows;
  }

  /** Steps of so many rows. */
  long steps(int rows) {
    return model.calls.stream().filter(call -> isStep(call, rows)).count();
  }

  static ScoreProcessor meetAt(CyclicBarrier barrier, int size) {
    return (tokens, scores) -> {
      if (tokens.size() == size) {
        pass(barrier);
      }
    };
  }
}
