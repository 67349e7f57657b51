package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.Patience;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.features.ImageFeatures;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.testkit.ArrayBackend;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where calls take turns at the engine, every pass over an image or a text has one. */
class PassesInTurnTest {
  private static final ImageSource PHOTO = ImageSource.of(Fixtures.image("photo.jpg"));
  private static final GenerationOptions SHORT =
      GenerationOptions.builder().maxNewTokens(2).build();

  /** Whoever asks with it is told at once whether there is a turn. */
  private static final Patience NONE =
      new Patience() {
        @Override
        public boolean ends() {
          return true;
        }

        @Override
        public long left() {
          return 0;
        }
      };

  @TempDir static Path cache;

  private final Turns turns = Turns.of(1, 1);
  private final List<String> passes = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private final List<GeneratedText> wrote = new ArrayList<>();
  private Consumer<ModelStage> listened = stage -> {};
  private Duration slow = Duration.ZERO; // a pass at least

  private boolean free() {
    try {
      return turns.during(NONE, () -> true);
    } catch (Turns.GivenUp e) {
      return false;
    }
  }

  /** Another call that has the turn until it is closed. */
  private final class Taken implements AutoCloseable {
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final CompletableFuture<Void> other;

    Taken() {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      this.other =
          CompletableFuture.runAsync(
              () ->
                  turns.during(Patience.ENDLESS, () -> begun.complete(null) && over.join() == null),
              work -> new Thread(work, "other-call").start());
      begun.join();
    }

    @Override
    public void close() {
      over.complete(null);
      other.join();
    }
  }

  /** Notes each pass, and whether it has no turn. */
  private final class Watched implements LoadedModel {
    private final LoadedModel model;

    Watched(LoadedModel model) {
      this.model = model;
    }

    @Override
    public ModelProgram program() {
      return model.program();
    }

    @Override
    public float[][] run(String stage, Map<String, HostTensor> inputs) {
      passes.add(stage + (free() ? " without a turn" : ""));
      float[][] outputs = model.run(stage, inputs);
      for (long start = System.nanoTime(); System.nanoTime() - start < slow.toNanos(); ) {
        Thread.onSpinWait();
      }
      return outputs;
    }

    @Override
    public LanguageModel language() {
      return model.language();
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private Engine open(String fixture) {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(fixture));
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    LoadRequest request = new LoadRequest(checkpoint, execution, cache, LoadListener.NONE);
    InferenceListener listener =
        new InferenceListener() {
          @Override
          public void ran(ModelStage stage, Duration took) {
            heard.add(stage + (free() ? "" : " in a turn"));
            listened.accept(stage);
          }

          @Override
          public void wrote(GeneratedText text) {
            wrote.add(text);
          }
        };
    return new Engine(
        new Engine.Parts(
            checkpoint,
            WeightFiles.of(List.of()),
            new Watched(new ArrayBackend().load(request)),
            Tokenizers.load(checkpoint, cache),
            ImageFeatures.Origin.of(checkpoint)),
        new Engine.Settings(
            ImageOptions.defaults(), 0, 0, new Engine.Concurrency(4, 4, turns), listener));
  }

  private void assertPasses(Supplier<?> call, String... expected) {
    passes.clear();
    assertThat(call.get()).isNotNull();
    assertThat(passes).containsExactly(expected);
    assertThat(turns.during(NONE, () -> true)).as("it has given its turn back").isTrue();
  }

  @Test
  void matchingTakesTurns() {
    try (Engine engine = open("tiny-itm")) {
      List<String> texts = List.of("a cat", "a dog");
      EncodedImage image = engine.encode(PHOTO);
      assertPasses(() -> engine.matching().texts(texts), "text");
      assertPasses(() -> engine.matching().probabilities(image, texts), "pairs");
      assertPasses(() -> engine.matching().multimodal(image, "a cat"), "pairs");
      assertPasses(
          () -> engine.matching().match(List.of(PHOTO), texts),
          "text",
          "vision",
          "qformer",
          "pairs");
      assertPasses(() -> engine.attention(PHOTO, "a cat"), "vision", "text_attention");
      assertPasses(() -> engine.patches(PHOTO), "vision");
    }
    assertThat(heard).contains("TEXT", "PAIRS", "VISION").noneMatch(s -> s.contains("turn"));
  }

  @Test
  void readingInstructionsTakesTurns() {
    try (Engine engine = open("tiny-instructblip-t5")) {
      EncodedImage image = engine.encode(PHOTO);
      GenerationRequest request = new GenerationRequest(image, "what is it?", SHORT);
      assertPasses(() -> engine.writing().generate(List.of(request, request)), "qformer");
      assertPasses(
          () ->
              engine.writing().stream(
                  request,
                  text -> {
                    text.close();
                    return text;
                  }),
          "qformer");
      assertPasses(
          () -> engine.writing().score(image, "what is it?", List.of("a cat"), true), "qformer");
      ChatOptions options = ChatOptions.defaults().withGeneration(SHORT);
      try (Conversation chat = engine.writing().chat(image, options, text -> text)) {
        assertPasses(() -> chat.ask("what is it?"), "qformer");
      }
    }
    assertThat(heard).contains("QFORMER", "DECODE").noneMatch(s -> s.contains("turn"));
  }

  /** What a call computes before it waits is not what it waits. */
  @Test
  void aTextWaitsForItsWholeTimeBehindItsOwnPass() {
    Duration most = Duration.ofMillis(20);
    GenerationOptions options = SHORT.toBuilder().maxTime(most).build();
    List<Taken> taken = new ArrayList<>();
    long[] seen = new long[1];
    slow = most;
    listened =
        stage -> {
          if (stage == ModelStage.VISION) {
            taken.add(new Taken());
            seen[0] = System.nanoTime();
          }
        };
    try (Engine engine = open("tiny-instructblip-t5")) {
      GenerationRequest request = new GenerationRequest(PHOTO, "what is it?", options);
      GeneratedText text = engine.writing().generate(List.of(request)).get(0).get(0);
      assertThat(System.nanoTime() - seen[0]).isGreaterThanOrEqualTo(most.toNanos());
      assertThat(text.finishReason()).isEqualTo(FinishReason.DEADLINE);
      assertThat(passes).as("the image, not the prompt").containsExactly("vision");
    } finally {
      taken.forEach(Taken::close);
    }
  }

  private static GeneratedText whole(TextUnderWay text) {
    List<TextPiece> pieces = new ArrayList<>();
    while (text.hasNext()) {
      pieces.add(text.next());
    }
    assertThat(pieces).containsExactly(new TextPiece("", List.of()));
    return text.result().orElseThrow();
  }

  /** Gives what is written of what finds the turn taken, by an interrupted thread or another. */
  private GeneratedText waiting(boolean interrupted, Supplier<GeneratedText> call) {
    passes.clear();
    Taken taken = new Taken();
    try {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      GeneratedText text = call.get();
      assertThat(Thread.interrupted()).as("an interrupt is kept").isEqualTo(interrupted);
      assertThat(passes).isEmpty();
      assertThat(text.text()).isEmpty();
      assertThat(text.tokenIds()).isEmpty();
      assertThat(wrote).containsExactly(text);
      return text;
    } finally {
      Thread.interrupted();
      taken.close();
      wrote.clear();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(30)
  void anAnswerThatGivesUpWaitingIsEmpty(boolean interrupted) {
    FinishReason reason = interrupted ? FinishReason.CANCELLED : FinishReason.DEADLINE;
    Duration most = interrupted ? Duration.ofDays(1) : Duration.ofMillis(1);
    ChatOptions options =
        ChatOptions.defaults().withGeneration(SHORT.toBuilder().maxTime(most).build());
    try (Engine engine = open("tiny-instructblip-t5")) {
      EncodedImage image = engine.encode(PHOTO);
      try (Conversation chat = engine.writing().chat(image, options, text -> text)) {
        List<ChatTurn> said = interrupted ? List.of() : List.of(new ChatTurn("what?", ""));
        assertThat(waiting(interrupted, () -> chat.ask("what?")).finishReason()).isEqualTo(reason);
        assertThat(chat.history()).isEqualTo(said);
        chat.history(List.of());
        Supplier<GeneratedText> stream = () -> whole(chat.askStreaming("what?", text -> text));
        assertThat(waiting(interrupted, stream).finishReason()).isEqualTo(reason);
        assertThat(chat.history()).isEqualTo(said);
        if (interrupted) {
          assertPasses(() -> chat.ask("what?"), "qformer");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(30)
  void aStreamThatGivesUpWaitingIsEmpty(boolean interrupted) {
    FinishReason reason = interrupted ? FinishReason.CANCELLED : FinishReason.DEADLINE;
    Duration most = interrupted ? Duration.ofDays(1) : Duration.ofMillis(1);
    GenerationOptions options = SHORT.toBuilder().maxTime(most).build();
    try (Engine engine = open("tiny-instructblip-t5")) {
      for (ImageInput image : List.of(engine.encode(PHOTO), PHOTO)) {
        GenerationRequest request = new GenerationRequest(image, "what?", options);
        for (int i = 0; i < 9; i++) { // more than are admitted at once
          Supplier<GeneratedText> stream =
              () -> whole(engine.writing().stream(request, text -> text));
          assertThat(waiting(interrupted, stream).finishReason()).isEqualTo(reason);
        }
      }
    }
  }
}
