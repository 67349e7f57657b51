package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a listener is told is what the calls say themselves. */
class InferenceListenerTest {
  private static final ImageSource PHOTO = ImageSource.of(Fixtures.image("photo.jpg"));
  private static final List<ModelStage> WHOLE =
      List.of(
          ModelStage.PREPROCESSING,
          ModelStage.VISION,
          ModelStage.QFORMER,
          ModelStage.PREFILL, // start
          ModelStage.PREFILL, // first token
          ModelStage.DECODE);

  /** Notes all it is told. */
  private static final class Notes implements InferenceListener {
    final List<ModelStage> stages = Collections.synchronizedList(new ArrayList<>());
    final List<Duration> times = Collections.synchronizedList(new ArrayList<>());
    final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
    final List<GeneratedText> texts = Collections.synchronizedList(new ArrayList<>());
    int refused;

    @Override
    public void ran(ModelStage stage, Duration took) {
      stages.add(stage);
      times.add(took);
    }

    @Override
    public void queued(Duration waited) {
      waits.add(waited);
    }

    @Override
    public void wrote(GeneratedText text) {
      texts.add(text);
    }

    @Override
    public synchronized void refused() {
      refused++;
    }

    Duration total() {
      return times.stream().reduce(Duration.ZERO, Duration::plus);
    }
  }

  private final Notes notes = new Notes();

  private Blip2Builder model(String fixture) {
    return Blip2.builder().model(Fixtures.directory(fixture)).inferenceListener(notes);
  }

  @Test
  void aCallTellsItsStagesAndItsText() {
    try (Blip2 blip2 = model("tiny-opt").load()) {
      GeneratedText caption = blip2.caption(PHOTO);
      assertThat(notes.stages).isEqualTo(WHOLE);
      assertThat(notes.total()).isEqualTo(caption.timings().total());
      assertThat(notes.texts).containsExactly(caption);
      assertThat(notes.waits).as("nobody shares the model").isEmpty();
    }
  }

  @Test
  void aBatchRunsItsStagesOnceForAllTexts() {
    GenerationOptions two =
        GenerationOptions.builder().numBeams(2).numReturnSequences(2).maxNewTokens(4).build();
    try (Blip2 blip2 = model("tiny-opt").load()) {
      List<List<GeneratedText>> written =
          blip2.generate(
              List.of(
                  new GenerationRequest(PHOTO, null, two),
                  new GenerationRequest(PHOTO, "a photo of", two)));
      assertThat(notes.texts)
          .containsExactlyElementsOf(written.stream().flatMap(List::stream).toList())
          .hasSize(4);
      assertThat(notes.stages).isEqualTo(WHOLE);
    }
  }

  @Test
  void aStreamTellsItsTextAsItEndsAndNoneIfItIsClosed() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(5).build();
    try (Blip2 blip2 = model("tiny-opt").load()) {
      EncodedImage image = blip2.encode(PHOTO);
      try (Generation half = blip2.stream(new GenerationRequest(image, null, options))) {
        half.next();
      }
      assertThat(notes.texts).isEmpty();
      GeneratedText whole = blip2.stream(new GenerationRequest(image, null, options), piece -> {});
      assertThat(notes.texts).containsExactly(whole);
      assertThat(Collections.frequency(notes.stages, ModelStage.VISION)).isEqualTo(1);
      assertThat(notes.stages).endsWith(ModelStage.DECODE).doesNotContain(ModelStage.PREFILL);
      assertThat(whole.timings().prefill()).as("part of its decoding").isZero();
      assertThat(whole.timings().decode()).isPositive();
    }
  }

  @Test
  void turnsOfAConversationAreTexts() {
    try (Blip2 blip2 = model("tiny-opt").load();
        ChatSession chat = blip2.chat(PHOTO)) {
      GeneratedText first = chat.ask("what is this?");
      GeneratedText second = chat.ask("why?", piece -> {});
      assertThat(notes.texts).containsExactly(first, second);
    }
  }

  @Test
  void callsThatShareTheModelTellTheirWaitAndRefusals() {
    try (Blip2 blip2 = model("tiny-opt").concurrency(1, 0).load()) {
      GenerationRequest request = new GenerationRequest(PHOTO, null, GenerationOptions.defaults());
      try (Generation open = blip2.stream(request)) {
        assertThatThrownBy(() -> blip2.caption(PHOTO)).isInstanceOf(OverloadedException.class);
        assertThat(open.hasNext()).isTrue();
      }
      blip2.caption(PHOTO);
    }
    assertThat(notes.refused).isEqualTo(1);
    assertThat(notes.waits).hasSize(2).allMatch(wait -> !wait.isNegative());
  }

  @Test
  void textsThatNeverBeganAreToldToo() {
    try (Blip2 blip2 = model("tiny-opt").load()) {
      Thread.currentThread().interrupt();
      GeneratedText none = blip2.caption(PHOTO);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(none.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(notes.texts).containsExactly(none);
      assertThat(notes.stages).isEmpty();
      assertThat(none.timings()).isEqualTo(zero());
    }
  }

  private static StageTimings zero() {
    return new StageTimings(
        Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  }

  @Test
  void matchingHasStagesOfItsOwn() {
    try (Blip2 blip2 = model("tiny-itm").load()) {
      blip2.matcher().match(PHOTO, List.of("a dog", "a house"));
    }
    assertThat(notes.stages)
        .containsExactly(
            ModelStage.TEXT,
            ModelStage.PREPROCESSING,
            ModelStage.VISION,
            ModelStage.QFORMER,
            ModelStage.PAIRS);
    assertThat(notes.texts).isEmpty();
  }

  @Test
  void whatAListenerThrowsIsThrownByTheCall() {
    InferenceListener broken =
        new InferenceListener() {
          @Override
          public void wrote(GeneratedText text) {
            throw new IllegalStateException("no room for " + text.tokenIds().size());
          }
        };
    try (Blip2 blip2 = model("tiny-opt").inferenceListener(broken).load()) {
      assertThatThrownBy(() -> blip2.caption(PHOTO)).hasMessageStartingWith("no room for ");
      assertThat(blip2.encode(PHOTO)).as("the model works on").isNotNull();
    }
  }

  /** Throws what it is asked to at a stage, once. */
  private static final class Faulty implements InferenceListener {
    @Nullable ModelStage at;
    boolean atQueue;

    @Override
    public void ran(ModelStage stage, Duration took) {
      if (stage == at) {
        at = null;
        throw new IllegalStateException("no room for " + stage);
      }
    }

    @Override
    public void queued(Duration waited) {
      if (atQueue) {
        atQueue = false;
        throw new IllegalStateException("no room for a wait");
      }
    }
  }

  /** Closing the model would refuse a session that was left open. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5"})
  void whatAListenerThrowsLeavesNoSessionOpen(String fixture) {
    Faulty faulty = new Faulty();
    Blip2Builder builder = model(fixture).inferenceListener(faulty).concurrency(2, 2);
    try (Blip2 blip2 = builder.load()) {
      GenerationRequest request = new GenerationRequest(PHOTO, null, GenerationOptions.defaults());
      faulty.at = ModelStage.PREFILL;
      assertThatThrownBy(() -> blip2.caption(PHOTO)).hasMessage("no room for PREFILL");
      faulty.at = ModelStage.DECODE;
      assertThatThrownBy(() -> blip2.stream(request)).hasMessage("no room for DECODE");
      faulty.atQueue = true;
      assertThatThrownBy(() -> blip2.stream(request)).hasMessage("no room for a wait");
      faulty.atQueue = true;
      assertThatThrownBy(() -> blip2.caption(PHOTO)).hasMessage("no room for a wait");
      assertThat(blip2.caption(PHOTO)).as("the model works on").isNotNull();
    }
  }

  /** What the conversation keeps is what it was before, or nothing. */
  @ParameterizedTest
  @CsvSource({"tiny-opt,1", "tiny-opt,2", "tiny-t5,1"})
  void aQuestionThatAListenerBrokeOffCanBeAskedAgain(String fixture, int beams) {
    GenerationOptions options = GenerationOptions.builder().numBeams(beams).maxNewTokens(6).build();
    ChatOptions chats = ChatOptions.defaults().withGeneration(options);
    Faulty faulty = new Faulty();
    try (Blip2 blip2 = model(fixture).inferenceListener(faulty).load();
        ChatSession whole = blip2.chat(PHOTO, chats);
        ChatSession broken = blip2.chat(PHOTO, chats)) {
      for (String question : List.of("what is this?", "why?")) {
        List<Integer> expected = whole.ask(question).tokenIds();
        faulty.at = ModelStage.PREFILL;
        assertThatThrownBy(() -> broken.ask(question)).hasMessage("no room for PREFILL");
        assertThat(broken.ask(question).tokenIds()).isEqualTo(expected);
      }
      assertThat(broken.keptTokens()).isEqualTo(whole.keptTokens());
    }
  }
}
