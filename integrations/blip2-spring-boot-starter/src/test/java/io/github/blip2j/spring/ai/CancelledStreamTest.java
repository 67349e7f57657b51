package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spring.Demo;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.ai.chat.model.ChatResponse;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;

/**
 * Who unsubscribes interrupts the thread that computes, which is Reactor's way: the text ends and
 * gives its place up at whatever moment, and the others' texts are what they are alone.
 */
class CancelledStreamTest {
  private static final int TOKENS = 60;
  private static final int PLACES = 10;

  /** Not the common pool's: from Java 25 on that may be one thread, which is held here. */
  private static final Executor THREADS = work -> new Thread(work, "caller").start();

  /** A text without an end: the words of a phrase over and over. */
  private record Recital(List<Integer> words) implements ScoreProcessor {
    @Override
    public void process(List<Integer> tokens, float[] scores) {
      int last = words.indexOf(tokens.get(tokens.size() - 1));
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
      scores[words.get((last + 1) % words.size())] = 0;
    }
  }

  /** Keeps the engine busy with one thread's image, and counts the images of the others. */
  private static final class Engine implements InferenceListener, AutoCloseable {
    private final CountDownLatch free = new CountDownLatch(1);
    private final Semaphore held = new Semaphore(0);
    private final Semaphore others = new Semaphore(0);
    private volatile @Nullable Thread holder;

    /** Returns once the engine is busy, until it is let go. */
    CompletableFuture<Void> hold(Blip2 blip2, ImageSource image) throws InterruptedException {
      CompletableFuture<Void> done =
          CompletableFuture.runAsync(
              () -> {
                holder = Thread.currentThread();
                assertThat(blip2.encode(image)).isNotNull();
              },
              THREADS);
      assertThat(held.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
      return done;
    }

    void letGo() {
      free.countDown();
    }

    @Override
    public void close() {
      letGo();
    }

    /** Whether another thread is about to ask for the engine, with an image that it has read. */
    boolean isAsked() throws InterruptedException {
      return others.tryAcquire(1, TimeUnit.MINUTES);
    }

    @Override
    public void ran(ModelStage stage, Duration took) {
      if (Thread.currentThread() == holder) {
        if (stage == ModelStage.VISION) { // has its turn at the engine
          held.release();
          try {
            assertThat(free.await(5, TimeUnit.MINUTES)).isTrue();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        }
      } else if (stage == ModelStage.PREPROCESSING) {
        others.release();
      }
    }
  }

  /** Asks for parts one by one. */
  private static final class Reader extends BaseSubscriber<ChatResponse> {
    private final Semaphore parts = new Semaphore(0);

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      subscription.request(1);
    }

    @Override
    protected void hookOnNext(ChatResponse part) {
      parts.release();
    }

    boolean hasOne() throws InterruptedException {
      return parts.tryAcquire(1, TimeUnit.MINUTES);
    }
  }

  private static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(1, TimeUnit.MINUTES);
  }

  private static Blip2ChatModel reciting(Blip2 blip2) {
    Recital recital = new Recital(blip2.tokenizer().encode(" a red circle and the blue square"));
    return Scenes.model(
        blip2,
        Blip2ChatSettings.defaults()
            .withGeneration(
                GenerationOptions.builder()
                    .maxNewTokens(TOKENS)
                    .scoreProcessors(List.of(recital))
                    .build()));
  }

  /** Asks until there is a place. */
  private static String admitted(Blip2ChatModel model) {
    while (true) {
      try {
        return Scenes.text(model.call(Scenes.about(1)));
      } catch (OverloadedException e) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Test
  void theOthersGoOnAndTheModelCloses() throws Exception {
    Blip2 blip2 = Demo.captioner().concurrency(8, PLACES - 8).load();
    Blip2ChatModel model = reciting(blip2);
    String expected = Scenes.text(model.call(Scenes.about(1)));
    for (int round = 0; round < PLACES + 4; round++) { // a place that is lost is missed
      CountDownLatch writing = new CountDownLatch(2);
      Disposable leaving =
          model.stream(Scenes.about(0)).doOnNext(part -> writing.countDown()).subscribe();
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<List<ChatResponse>> staying =
          model.stream(Scenes.about(1))
              .doOnNext(part -> begun.countDown())
              .collectList()
              .toFuture();
      assertThat(writing.await(1, TimeUnit.MINUTES)).isTrue();
      assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
      leaving.dispose(); // in the midst of both
      assertThat(Scenes.text(soon(staying))).as("round %d", round).isEqualTo(expected);
    }
    soon(CompletableFuture.runAsync(blip2::close, THREADS));
  }

  @Test
  void aTextThatWaitsForItsImagesTurnGivesItsPlaceUp() throws Exception {
    Engine engine = new Engine();
    Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
    Hooks.onErrorDropped(dropped::add);
    try (Blip2 blip2 = Demo.captioner().concurrency(1, 0).inferenceListener(engine).load();
        engine) {
      Blip2ChatModel model = Scenes.model(blip2);
      String expected = Scenes.text(model.call(Scenes.about(1)));
      assertThat(engine.isAsked()).isTrue();
      CompletableFuture<Void> held = engine.hold(blip2, Demo.image(2));
      Disposable leaving = model.stream(Scenes.about(0)).subscribe();
      assertThat(engine.isAsked()).as("has the only place, and waits").isTrue();
      leaving.dispose();
      CompletableFuture<String> next =
          CompletableFuture.supplyAsync(() -> admitted(model), THREADS);
      assertThat(engine.isAsked()).as("has got the place").isTrue();
      engine.letGo();
      assertThat(soon(next)).isEqualTo(expected);
      soon(held);
      assertThat(dropped).as("nobody is told, not even a log").isEmpty();
    } finally {
      Hooks.resetOnErrorDropped();
    }
  }

  @Test
  void aTextThatWaitsForItsNextTokenGivesItsPlaceUp() throws Exception {
    Engine engine = new Engine();
    try (Blip2 blip2 = Demo.captioner().concurrency(1, 0).inferenceListener(engine).load();
        engine) {
      Blip2ChatModel model = Scenes.model(blip2);
      String expected = Scenes.text(model.call(Scenes.about(1)));
      assertThat(engine.isAsked()).isTrue();
      Reader leaving = new Reader();
      model.stream(Scenes.about(0)).subscribe(leaving);
      assertThat(leaving.hasOne()).isTrue();
      assertThat(engine.isAsked()).isTrue();
      CompletableFuture<Void> held = engine.hold(blip2, Demo.image(2));
      leaving.request(1); // whose step waits for the engine
      leaving.dispose();
      CompletableFuture<String> next =
          CompletableFuture.supplyAsync(() -> admitted(model), THREADS);
      assertThat(engine.isAsked()).as("has got the place").isTrue();
      engine.letGo();
      assertThat(soon(next)).isEqualTo(expected);
      soon(held);
    }
  }

  /** Workers serve again: one that stayed interrupted would cut the next text short. */
  @Test
  void theThreadThatWasInterruptedWritesTheNextText() throws Exception {
    try (Blip2 blip2 = Demo.captioner().load()) {
      Blip2ChatModel model = reciting(blip2);
      String expected = Scenes.text(model.call(Scenes.about(0)));
      for (int round = 0; round < 8; round++) {
        CountDownLatch begun = new CountDownLatch(1);
        Disposable leaving =
            model.stream(Scenes.about(0)).doOnNext(part -> begun.countDown()).subscribe();
        assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
        leaving.dispose();
        List<ChatResponse> next =
            Objects.requireNonNull(
                model.stream(Scenes.about(0)).collectList().block(Duration.ofMinutes(1)));
        assertThat(Scenes.text(next)).isEqualTo(expected);
      }
    }
  }
}
