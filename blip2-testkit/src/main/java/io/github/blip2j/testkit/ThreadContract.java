package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must do when several threads meet, are interrupted, or close. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ThreadContract {
  /** Of a session: room for many steps before it has to be shortened. */
  private static final int CAPACITY = 150;

  // Tokens that every checkpoint has.
  private static final int FIRST = 2;
  private static final int SECOND = 30;
  private static final int NEXT = 31;

  @TempDir static Path cache;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** The backend under test. */
  protected abstract Backend backend();

  /** What is set beyond the model and the backend. */
  protected Blip2Builder settings(Blip2Builder builder) {
    return builder;
  }

  private Blip2 load(String name) {
    return settings(Blip2.builder())
        .model(Fixtures.directory(name))
        .backend(backend().id())
        .cacheDirectory(cache)
        .load();
  }

  @AfterAll
  void stop() {
    threads.shutdownNow();
  }

  private static EncodedImage image(Blip2 blip2) {
    return blip2.encode(ImageSource.of(Fixtures.image("photo.jpg")));
  }

  /** Stops the thread that writes at its first token until it is told to go on. */
  private static final class Gate {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch opened = new CountDownLatch(1);

    GenerationOptions options() {
      return GenerationOptions.builder()
          .maxNewTokens(40)
          .scoreProcessors(List.of((tokens, scores) -> pass()))
          .build();
    }

    private void pass() {
      reached.countDown();
      try {
        opened.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static ChatSession chat(Blip2 blip2, GenerationOptions options) {
    return blip2.chat(image(blip2), ChatOptions.defaults().withGeneration(options));
  }

  private static void assertWaits(Future<?> future) {
    assertThatThrownBy(() -> future.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void aConversationRefusesASecondThreadAndClosesUnderTheFirst(String name) throws Exception {
    Gate gate = new Gate();
    try (Blip2 blip2 = load(name)) {
      ChatSession chat = chat(blip2, gate.options());
      Future<GeneratedText> asking = threads.submit(() -> chat.ask("what is it?"));
      gate.reached.await();
      List<Runnable> uses =
          List.of(
              () -> chat.ask("where?"),
              () -> chat.askStreaming("where?"),
              () -> chat.ask("where?", piece -> {}),
              chat::undo,
              chat::fork,
              () -> chat.history(List.of()));
      for (Runnable use : uses) {
        assertThatIllegalStateException()
            .isThrownBy(use::run)
            .withMessageContaining("one thread at a time");
      }
      assertThat(chat.history()).isEmpty();
      Future<?> closing = threads.submit(chat::close);
      assertWaits(closing); // for the token under way, which waits for the gate
      gate.opened.countDown();
      GeneratedText answer = asking.get();
      closing.get();
      assertThat(answer.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(answer.tokenIds()).hasSize(1);
      assertThat(chat.history()).isEmpty();
      for (Runnable use : uses) {
        assertThatIllegalStateException().isThrownBy(use::run).withMessageContaining("closed");
      }
    }
  }

  @Test
  void aStreamRefusesASecondThreadAndClosesUnderTheFirst() throws Exception {
    Gate gate = new Gate();
    try (Blip2 blip2 = load("tiny-opt")) {
      Generation text =
          blip2.stream(new GenerationRequest(image(blip2), "a photo of", gate.options()));
      Future<?> reading = threads.submit(text::next);
      gate.reached.await();
      assertThatIllegalStateException()
          .isThrownBy(text::next)
          .withMessageContaining("one thread at a time");
      Future<?> closing = threads.submit(text::close);
      assertWaits(closing);
      gate.opened.countDown();
      reading.get();
      closing.get();
      assertThatThrownBy(text::next)
          .isInstanceOf(NoSuchElementException.class)
          .hasMessage("closed");
    }
  }

  @Test
  void aConversationClosesUnderTheStreamOfItsAnswer() throws Exception {
    for (String name : List.of("tiny-opt", "tiny-t5")) {
      Gate gate = new Gate();
      try (Blip2 blip2 = load(name)) {
        ChatSession chat = chat(blip2, gate.options());
        Generation answer = chat.askStreaming("what is it?");
        Future<?> reading = threads.submit(answer::next);
        gate.reached.await();
        assertThatIllegalStateException()
            .isThrownBy(() -> chat.ask("where?"))
            .withMessageContaining("must be closed first");
        Future<?> closing = threads.submit(chat::close);
        assertWaits(closing);
        gate.opened.countDown();
        reading.get();
        closing.get();
        assertThat(answer.hasNext()).isFalse();
        answer.close();
        chat.close();
      }
    }
  }

  /** The everyday case: somebody closes, or asks, while another is in the middle of a token. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void twoThreadsThatMeetAtAnyMomentDoNoHarm(String name) throws Exception {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(12).build();
    AtomicInteger refused = new AtomicInteger();
    try (Blip2 blip2 = load(name)) {
      EncodedImage image = image(blip2);
      for (int round = 0; round < 60 || refused.get() == 0; round++) { // until some have met
        ChatSession chat = blip2.chat(image, ChatOptions.defaults().withGeneration(options));
        CyclicBarrier start = new CyclicBarrier(2);
        int kind = round % 3;
        int pause = round % 60 * 40_000;
        Future<?> first = threads.submit(meeting(start, refused, () -> chat.ask("what is it?")));
        start.await();
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < pause) {
          Thread.onSpinWait();
        }
        Callable<?> second =
            switch (kind) {
              case 0 -> () -> chat.ask("where is it?");
              case 1 -> chat::fork;
              default ->
                  () -> {
                    chat.close();
                    return "";
                  };
            };
        harmless(refused, second);
        if (kind == 1) {
          harmless(refused, () -> chat.askStreaming("where is it?").next());
        }
        chat.close();
        first.get();
      }
      assertThat(blip2.caption(image).tokenIds()).isNotEmpty();
    }
    assertThat(refused).hasPositiveValue();
  }

  private static Callable<?> meeting(CyclicBarrier start, AtomicInteger refused, Callable<?> use) {
    return () -> {
      start.await();
      harmless(refused, use);
      return "";
    };
  }

  /** Nothing but refusals. */
  private static void harmless(AtomicInteger refused, Callable<?> use) throws Exception {
    try {
      use.call();
    } catch (IllegalStateException | NoSuchElementException e) {
      refused.incrementAndGet();
    }
  }

  /** Beneath the facade: a backend's sessions by themselves. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void aSessionClosesAtAnyMoment(String name) throws Exception {
    Path directory = Fixtures.directory(name);
    try (Loaded it = new Loaded(backend(), directory, new Golden(directory), cache)) {
      float[] features = it.features("tiny.png");
      int vocabulary = it.checkpoint.config().text().vocabularySize();
      for (int round = 0; round < 40; round++) {
        LanguageSession session = it.model.language().open(1, CAPACITY);
        LanguageSession fork = begun(session, features, vocabulary);
        List<Future<?>> users = new ArrayList<>();
        CyclicBarrier start = new CyclicBarrier(3);
        for (LanguageSession each : List.of(session, fork)) {
          users.add(threads.submit(() -> appendForEver(start, each, vocabulary)));
        }
        start.await();
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < round * 50_000L) {
          Thread.onSpinWait();
        }
        session.close();
        fork.close();
        session.close();
        for (Future<?> user : users) {
          user.get();
        }
      }
    } // which refuses to close if a session is left
  }

  private static LanguageSession begun(LanguageSession session, float[] features, int vocabulary) {
    session.append(features, new int[][] {{FIRST, SECOND}}, new float[vocabulary]);
    return session.fork(new int[] {0}, CAPACITY);
  }

  private static Object appendForEver(CyclicBarrier start, LanguageSession session, int vocabulary)
      throws Exception {
    float[] logits = new float[vocabulary];
    start.await();
    try {
      while (true) {
        session.append(new float[0], new int[][] {{NEXT}}, logits);
        session.truncate(TinyOpt.QUERIES + 3);
      }
    } catch (IllegalStateException e) {
      return assertThat(e).hasMessageContaining("has been closed");
    }
  }

  /** Interrupts the thread that writes at its third token. */
  private static GenerationOptions interrupting(UnaryOperator<GenerationOptionsBuilder> change) {
    AtomicInteger steps = new AtomicInteger();
    return change
        .apply(
            GenerationOptions.builder()
                .maxNewTokens(40)
                .scoreProcessors(
                    List.of(
                        (tokens, scores) -> {
                          if (steps.incrementAndGet() == 3) {
                            Thread.currentThread().interrupt();
                          }
                        })))
        .build();
  }

  private static void assertStopped(GeneratedText text, int tokens) {
    assertThat(Thread.interrupted()).as("interrupted still").isTrue();
    assertThat(text.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(text.tokenIds()).hasSize(tokens);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void anInterruptEndsATextAfterTheTokenUnderWay(String name) {
    try (Blip2 blip2 = load(name)) {
      EncodedImage image = image(blip2);
      GenerationRequest request = new GenerationRequest(image, "a photo of", interrupting(o -> o));
      assertStopped(blip2.generate(List.of(request)).get(0).get(0), 3);
      GenerationRequest beams =
          new GenerationRequest(image, "a photo of", interrupting(o -> o.numBeams(3)));
      assertStopped(blip2.generate(List.of(beams)).get(0).get(0), 2);
      Generation stream =
          blip2.stream(new GenerationRequest(image, "a photo of", interrupting(o -> o)));
      stream.forEachRemaining(piece -> {});
      assertStopped(stream.result().orElseThrow(), 3);
      try (ChatSession chat =
          blip2.chat(image, ChatOptions.defaults().withGeneration(interrupting(o -> o)))) {
        assertStopped(chat.ask("what is it?"), 3);
        assertThat(chat.history()).isEmpty();
        assertThat(chat.ask("what is it?").finishReason()).isNotEqualTo(FinishReason.CANCELLED);
        assertThat(chat.history()).hasSize(1);
      }
    }
  }

  @Test
  void anInterruptEndsWhatIsStillToCome() {
    try (Blip2 blip2 = load("tiny-opt")) {
      EncodedImage image = image(blip2);
      List<GenerationRequest> many = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        many.add(new GenerationRequest(image, "a photo of", interrupting(o -> o)));
      }
      List<List<GeneratedText>> texts = blip2.generate(many);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(texts).hasSize(20);
      assertThat(texts).allMatch(t -> t.get(0).finishReason() == FinishReason.CANCELLED);
      assertThat(texts.get(19).get(0).tokenIds()).isEmpty();
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(() -> blip2.rank(image, "a photo of", List.of("a cat", "two dogs")))
            .isInstanceOf(InferenceException.class)
            .hasMessageContaining("interrupted");
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
    }
  }

  @Test
  void aFutureThatIsCancelledStopsWriting() throws Exception {
    Gate gate = new Gate();
    CountDownLatch ended = new CountDownLatch(1);
    List<GeneratedText> texts = new ArrayList<>();
    try (Blip2 blip2 = load("tiny-opt")) {
      GenerationRequest request = new GenerationRequest(image(blip2), null, gate.options());
      Future<?> writing =
          threads.submit(
              () -> {
                texts.add(blip2.generate(List.of(request)).get(0).get(0));
                ended.countDown();
              });
      gate.reached.await();
      assertThat(writing.cancel(true)).isTrue();
      ended.await();
      assertThat(texts.get(0).finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(texts.get(0).tokenIds()).hasSize(1);
    }
  }

  @Test
  void aModelClosesWhatBorrowsIt() throws Exception {
    Gate gate = new Gate();
    Blip2 blip2 = load("tiny-opt");
    EncodedImage image = image(blip2);
    Generation idle = blip2.stream(new GenerationRequest(image, null, gate.options()));
    ChatSession chat = chat(blip2, gate.options());
    ChatSession reading = blip2.chat(image);
    Generation half = reading.askStreaming("what is it?");
    half.next();
    Future<GeneratedText> asking = threads.submit(() -> chat.ask("what is it?"));
    gate.reached.await();
    Future<?> closing = threads.submit(blip2::close);
    Future<?> again = threads.submit(blip2::close);
    assertWaits(closing);
    assertWaits(again);
    gate.opened.countDown();
    closing.get();
    again.get();
    assertThat(asking.get().finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(idle.hasNext()).isFalse();
    assertThat(half.hasNext()).isFalse();
    for (ChatSession closed : List.of(chat, reading)) {
      assertThatIllegalStateException().isThrownBy(() -> closed.ask("what is it?"));
      closed.close();
    }
    idle.close();
    half.close();
    blip2.close();
  }

  @Test
  void aModelIsNotClosedFromWithinItsCalls() {
    try (Blip2 blip2 = load("tiny-opt")) {
      Runnable close = blip2::close;
      GenerationOptions closing =
          GenerationOptions.builder()
              .scoreProcessors(List.of((tokens, scores) -> close.run()))
              .build();
      GenerationRequest request = new GenerationRequest(image(blip2), null, closing);
      assertThatIllegalStateException()
          .isThrownBy(() -> blip2.generate(List.of(request)))
          .withMessageContaining("within one of its calls");
      assertThatIllegalStateException()
          .isThrownBy(() -> blip2.stream(request).next())
          .withMessageContaining("within one of its calls");
      assertThat(blip2.caption(image(blip2)).tokenIds()).isNotEmpty();
    }
  }

  /** What is closed by its own callback ends with the token under way. */
  @Test
  void whatClosesItselfEndsThere() {
    try (Blip2 blip2 = load("tiny-opt")) {
      List<AutoCloseable> own = new ArrayList<>();
      GenerationOptions closing =
          GenerationOptions.builder()
              .scoreProcessors(
                  List.of(
                      (tokens, scores) -> {
                        try {
                          own.get(0).close();
                        } catch (Exception e) {
                          throw new IllegalStateException(e);
                        }
                      }))
              .build();
      Generation stream = blip2.stream(new GenerationRequest(image(blip2), null, closing));
      own.add(stream);
      stream.next();
      assertThat(stream.hasNext()).isFalse();
      ChatSession chat = chat(blip2, closing);
      own.set(0, chat);
      assertThat(chat.ask("what is it?").finishReason()).isEqualTo(FinishReason.CANCELLED);
      ChatSession streamed = chat(blip2, closing);
      own.set(0, streamed);
      Generation answer = streamed.askStreaming("what is it?");
      answer.next();
      assertThat(answer.hasNext()).isFalse();
      assertThatIllegalStateException().isThrownBy(() -> streamed.ask("what is it?"));
    }
  }
}
