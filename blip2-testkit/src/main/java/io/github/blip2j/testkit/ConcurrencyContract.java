package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.Backend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must do when calls of many threads share steps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ConcurrencyContract {
  private static final int CALLERS = 8;
  private static final int CALLS = 6; // of each

  @TempDir static Path cache;
  private final SharedModels models = new SharedModels(n -> builder(n).imageCache(1 << 20).load());
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** The backend under test. */
  protected abstract Backend backend();

  private Blip2Builder builder(String name) {
    return Blip2.builder()
        .model(Fixtures.directory(name))
        .backend(backend().id())
        .threads(1)
        .cacheDirectory(cache);
  }

  @AfterAll
  void stop() {
    threads.shutdownNow();
    models.close();
  }

  private static ImageSource photo() {
    return ImageSource.of(Fixtures.image("photo.jpg"));
  }

  /** Callers whose rows do not all fit, so that some wait for their turn. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void everyTextIsTheOneThatItsCallAloneGives(String name) throws Exception {
    Blip2 alone = models.of(name);
    try (Blip2 shared = builder(name).concurrency(6, 100).load()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int caller = 0; caller < CALLERS; caller++) {
        SplittableRandom random = new SplittableRandom(caller);
        callers.add(
            threads.submit(
                () -> {
                  for (int call = 0; call < CALLS; call++) {
                    ConcurrentCall.random(random).check(alone, shared);
                  }
                  return null;
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
  }

  @Test
  void aBatchIsThatOfRequestsAloneWhateverRunsBesideIt() throws Exception {
    Blip2 alone = models.of("tiny-opt");
    try (Blip2 shared = builder("tiny-opt").concurrency(3, 10).load()) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        GenerationOptions options =
            GenerationOptions.builder().maxNewTokens(3 + 2 * i).doSample(true).seed(i).build();
        requests.add(new GenerationRequest(photo(), i % 3 == 0 ? null : "a photo of", options));
      }
      List<Future<List<List<GeneratedText>>>> batches = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        batches.add(threads.submit(() -> shared.generate(requests)));
      }
      List<List<GeneratedText>> expected = alone.generate(requests);
      for (Future<List<List<GeneratedText>>> batch : batches) {
        for (int i = 0; i < requests.size(); i++) {
          assertThat(batch.get().get(i).get(0).tokenIds())
              .as("request %d", i)
              .isEqualTo(expected.get(i).get(0).tokenIds());
        }
      }
    }
  }

  /** Streams take all the places that there are, and nobody reads them. */
  @Test
  void streamsThatNobodyReadsHoldNobodyUp() throws Exception {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(30).build();
    Blip2 alone = models.of("tiny-opt");
    try (Blip2 shared = builder("tiny-opt").concurrency(2, 10).load()) {
      EncodedImage image = shared.encode(photo());
      GenerationRequest request = new GenerationRequest(image, "a photo of", options);
      GeneratedText expected = alone.generate(List.of(request)).get(0).get(0);
      List<Generation> streams = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        streams.add(shared.stream(request));
      }
      List<Future<?>> reading = new ArrayList<>();
      for (Generation stream : streams) { // so far that their rows have joined
        reading.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 5; i++) {
                    stream.next();
                  }
                }));
      }
      for (Future<?> one : reading) {
        one.get();
      }
      List<Future<GeneratedText>> others = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        others.add(threads.submit(() -> shared.generate(List.of(request)).get(0).get(0)));
      }
      for (Future<GeneratedText> other : others) {
        assertThat(other.get().tokenIds()).isEqualTo(expected.tokenIds());
      }
      streams.get(0).close();
      for (Generation stream : streams.subList(1, 4)) {
        stream.forEachRemaining(piece -> {});
        assertThat(stream.result().orElseThrow().tokenIds()).isEqualTo(expected.tokenIds());
      }
    }
  }

  @Test
  void whatIsTooMuchIsRefusedAndNothingIsLost() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(10).build();
    try (Blip2 shared = builder("tiny-opt").concurrency(1, 1).load()) {
      EncodedImage image = shared.encode(photo());
      GenerationRequest request = new GenerationRequest(image, null, options);
      Generation first = shared.stream(request);
      try (Generation second = shared.stream(request)) {
        second.next();
        ChatSession chat = shared.chat(image); // no text yet
        List<Runnable> calls =
            List.of(
                () -> shared.generate(List.of(request)),
                () -> shared.stream(request),
                () -> shared.caption(image),
                () -> chat.ask("what is it?"),
                () -> chat.askStreaming("what is it?"));
        for (Runnable call : calls) {
          assertThatThrownBy(call::run)
              .isInstanceOf(OverloadedException.class)
              .hasMessageContaining("at most 2 texts under way");
        }
        assertThat(shared.rank(image, "a photo of", List.of("a cat", "a dog"))).hasSize(2);
        first.close();
        assertThat(chat.ask("what is it?").tokenIds()).isNotEmpty();
        try (Generation answer = chat.askStreaming("where is it?")) {
          answer.next();
          assertThatThrownBy(() -> shared.caption(image)).isInstanceOf(OverloadedException.class);
        }
        assertThat(shared.caption(image).tokenIds()).isNotEmpty();
        second.forEachRemaining(piece -> {});
        assertThat(second.result().orElseThrow().tokenIds())
            .isEqualTo(shared.generate(List.of(request)).get(0).get(0).tokenIds());
      }
    }
  }

  /** Each call is answered whole or refused, and closing waits for those that have begun. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void aModelClosesUnderLoad(String name) throws Exception {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(25).build();
    Blip2 shared = builder(name).concurrency(3, 100).load();
    GeneratedText expected = shared.captioner().withOptions(options).caption(photo());
    CountDownLatch begun = new CountDownLatch(CALLERS);
    AtomicInteger closed = new AtomicInteger();
    List<GeneratedText> texts = Collections.synchronizedList(new ArrayList<>());
    List<Future<?>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      boolean streams = caller % 2 == 0;
      callers.add(
          threads.submit(
              () -> {
                try {
                  while (true) {
                    texts.add(
                        streams
                            ? shared.stream(
                                new GenerationRequest(photo(), null, options), piece -> {})
                            : shared.captioner().withOptions(options).caption(photo()));
                    begun.countDown();
                  }
                } catch (IllegalStateException e) {
                  closed.incrementAndGet();
                }
              }));
    }
    begun.await();
    shared.close();
    for (Future<?> caller : callers) {
      caller.get();
    }
    assertThat(closed.get()).isEqualTo(CALLERS);
    for (GeneratedText text : texts) {
      List<Integer> ids = text.tokenIds();
      assertThat(ids).isEqualTo(expected.tokenIds().subList(0, ids.size()));
      assertThat(text.finishReason()).isIn(expected.finishReason(), FinishReason.CANCELLED);
    }
  }

  /** A processor that asks the same model for a text of its own waits for nobody in vain. */
  @Test
  void aProcessorMayAskTheSameModel() throws Exception {
    try (Blip2 shared = builder("tiny-opt").concurrency(2, 8).load()) {
      EncodedImage image = shared.encode(photo());
      List<Integer> expected = shared.caption(image).tokenIds();
      List<List<Integer>> inner = Collections.synchronizedList(new ArrayList<>());
      GenerationOptions asking =
          GenerationOptions.builder()
              .maxNewTokens(6)
              .scoreProcessors(
                  List.of((tokens, scores) -> inner.add(shared.caption(image).tokenIds())))
              .build();
      List<Future<?>> callers = new ArrayList<>();
      for (int caller = 0; caller < 3; caller++) {
        callers.add(threads.submit(() -> shared.captioner().withOptions(asking).caption(image)));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      assertThat(inner).isNotEmpty().allMatch(expected::equals);
    }
  }

  @Test
  void conversationsShareTheirSteps() throws Exception {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(8).build();
    ChatOptions chats = ChatOptions.defaults().withGeneration(options);
    Blip2 alone = models.of("tiny-opt");
    try (Blip2 shared = builder("tiny-opt").concurrency(4, 20).load()) {
      List<Future<List<String>>> asking = new ArrayList<>();
      List<List<String>> expected = new ArrayList<>();
      for (int caller = 0; caller < 4; caller++) {
        List<String> questions = List.of("what is it?", "a dog " + caller);
        expected.add(answers(alone, chats, questions));
        asking.add(threads.submit(() -> answers(shared, chats, questions)));
      }
      for (int caller = 0; caller < 4; caller++) {
        assertThat(asking.get(caller).get()).isEqualTo(expected.get(caller));
      }
    }
  }

  private static List<String> answers(Blip2 blip2, ChatOptions options, List<String> questions) {
    List<String> answers = new ArrayList<>();
    try (ChatSession chat = blip2.chat(photo(), options)) {
      for (String question : questions) {
        answers.add(chat.ask(question).text());
        try (ChatSession fork = chat.fork()) {
          answers.add(fork.ask("why?").text());
        }
      }
    }
    return answers;
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    for (int[] pair : new int[][] {{0, 3}, {4, -1}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder("tiny-opt").concurrency(pair[0], pair[1]))
          .withMessageContaining("found %d and %d", pair[0], pair[1]);
    }
  }
}
