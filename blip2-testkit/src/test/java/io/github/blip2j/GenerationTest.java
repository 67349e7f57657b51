package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationPreset;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.generation.TokenProbability;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.TinyOpt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams, stops, sampling and batches through the facade, over the plain-array backend. */
class GenerationTest {
  private static final Path OPT = Fixtures.directory("tiny-opt");
  private final Blip2 blip2 = Blip2.load(OPT);

  @AfterEach
  void close() {
    blip2.close();
  }

  private static GenerationRequest request(
      @Nullable String prompt, UnaryOperator<GenerationOptionsBuilder> change) {
    return new GenerationRequest(
        ImageSource.of(Fixtures.image("photo.jpg")),
        prompt,
        change.apply(GenerationOptions.builder()).build());
  }

  private GeneratedText one(GenerationRequest request) {
    return blip2.generate(List.of(request)).get(0).get(0);
  }

  private int borrowers() {
    return blip2.engine().writing().open();
  }

  @Test
  void aStreamReadToItsEndNeedsNoClose() {
    GenerationRequest request = request("a photo of", o -> o);
    Generation generation = blip2.stream(request);
    StringBuilder text = new StringBuilder();
    for (TextPiece piece : generation) {
      assertThat(borrowers() == 1).isEqualTo(generation.hasNext());
      text.append(piece.text());
    }
    assertThat(borrowers()).isZero();
    assertThat(generation.result().orElseThrow().text()).isEqualTo(text.toString());
    assertThat(generation.iterator()).isSameAs(generation); // one pass
    for (TextPiece piece : generation) {
      throw new AssertionError("read twice: " + piece);
    }
    generation.close();
  }

  @Test
  void aStreamThatFailsNeedsNoClose() {
    GenerationRequest request =
        request(
            null,
            o ->
                o.scoreProcessors(
                    List.of(
                        (tokens, scores) -> {
                          throw new IllegalStateException("a user's own");
                        })));
    Generation generation = blip2.stream(request);
    assertThatIllegalStateException().isThrownBy(generation::next).withMessage("a user's own");
    assertThat(generation.hasNext()).isFalse();
    assertThat(borrowers()).isZero();
  }

  @Test
  void aListenerIsGivenThePieces() {
    GenerationRequest request = request("a photo of", o -> o);
    StringBuilder text = new StringBuilder();
    GeneratedText whole = blip2.stream(request, piece -> text.append(piece.text()));
    assertThat(text).hasToString(whole.text());
    assertThat(whole.tokenIds()).isEqualTo(one(request).tokenIds());
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                blip2.stream(
                    request,
                    piece -> {
                      throw new IllegalStateException("enough");
                    }))
        .withMessage("enough");
    assertThat(borrowers()).isZero();
  }

  @Test
  void piecesJoinedAreTheText() {
    GenerationRequest request = request("a photo of", o -> o.maxNewTokens(40));
    GeneratedText whole = one(request);
    StringBuilder text = new StringBuilder();
    List<Integer> ids = new ArrayList<>();
    try (Generation generation = blip2.stream(request)) {
      assertThat(generation.result()).isEmpty();
      while (generation.hasNext()) {
        TextPiece piece = generation.next();
        text.append(piece.text());
        ids.addAll(piece.tokenIds());
      }
      GeneratedText result = generation.result().orElseThrow();
      assertThat(result.tokenIds()).isEqualTo(whole.tokenIds()).isEqualTo(ids);
      assertThat(result.text()).isEqualTo(whole.text()).isEqualTo(text.toString());
      assertThat(result.score()).isEqualTo(whole.score());
      assertThatThrownBy(generation::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void aStreamClosedHalfWayLeavesTheModelUsable() {
    GenerationRequest request = request(null, o -> o);
    Generation generation = blip2.stream(request);
    generation.next();
    assertThat(borrowers()).isEqualTo(1);
    generation.close();
    assertThat(borrowers()).isZero();
    generation.close();
    assertThat(generation.hasNext()).isFalse();
    assertThatThrownBy(generation::next).hasMessage("closed");
    assertThat(one(request).tokenIds()).hasSize(20);
  }

  @Test
  void cancellingEndsAfterTheTokenUnderWay() {
    try (Generation generation = blip2.stream(request(null, o -> o))) {
      generation.next();
      generation.next();
      generation.cancel();
      generation.forEachRemaining(piece -> {});
      GeneratedText result = generation.result().orElseThrow();
      assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
      assertThat(result.tokenIds()).hasSize(2);
    }
  }

  @Test
  void aDeadlineEndsTheText() {
    GeneratedText text = one(request(null, o -> o.maxTime(Duration.ofNanos(1))));
    assertThat(text.finishReason()).isEqualTo(FinishReason.DEADLINE);
    assertThat(text.tokenIds().size()).isLessThan(20);
    GeneratedText beams = one(request(null, o -> o.numBeams(3).maxTime(Duration.ofNanos(1))));
    assertThat(beams.finishReason()).isEqualTo(FinishReason.DEADLINE);
  }

  /** The text is "__ le …": "_ l" begins in the second token and ends in the third. */
  @Test
  void aStopStringOverTwoTokensCutsTheText() {
    GeneratedText plain = one(request(null, o -> o));
    assertThat(plain.text()).startsWith("__ le ");
    GenerationRequest request = request(null, o -> o.stopStrings(List.of("_ l")));
    GeneratedText cut = one(request);
    assertThat(cut.text()).isEqualTo("_");
    assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(cut.tokenIds()).isEqualTo(plain.tokenIds().subList(0, cut.tokenIds().size()));
    StringBuilder text = new StringBuilder();
    try (Generation generation = blip2.stream(request)) {
      generation.forEachRemaining(piece -> text.append(piece.text()));
    }
    assertThat(text).hasToString("_");
  }

  @Test
  void theSameSeedDrawsTheSameTextWhateverTheBatch() {
    UnaryOperator<GenerationOptionsBuilder> drawn =
        o -> o.doSample(true).temperature(3).topK(0).seed(11).numReturnSequences(3);
    List<GeneratedText> first = blip2.generate(List.of(request(null, drawn))).get(0);
    assertThat(first).hasSize(3);
    assertThat(first.get(0).tokenIds()).isNotEqualTo(first.get(1).tokenIds());
    List<List<GeneratedText>> batch =
        blip2.generate(
            List.of(request("a photo of", o -> o), request(null, drawn), request(null, o -> o)));
    for (int i = 0; i < 3; i++) {
      assertThat(batch.get(1).get(i).tokenIds()).isEqualTo(first.get(i).tokenIds());
    }
    assertThat(batch.get(2).get(0).tokenIds()).isEqualTo(one(request(null, o -> o)).tokenIds());
    GeneratedText other = one(request(null, o -> drawn.apply(o).seed(12)));
    assertThat(other.tokenIds()).isNotEqualTo(first.get(0).tokenIds());
  }

  @Test
  void batchesOfEveryKindEqualSingleOnes() {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int n = i;
      requests.add(
          request(
              i % 2 == 0 ? null : "a photo of", o -> o.numBeams(1 + n).maxNewTokens(5 + 3 * n)));
      requests.add(request("what", o -> o.repetitionPenalty(1 + n).maxNewTokens(9)));
    }
    List<List<GeneratedText>> batch = blip2.generate(requests);
    for (int i = 0; i < requests.size(); i++) {
      GeneratedText single = one(requests.get(i));
      assertThat(batch.get(i).get(0).tokenIds()).as("request %d", i).isEqualTo(single.tokenIds());
      assertThat(batch.get(i).get(0).score())
          .isCloseTo(single.score(), org.assertj.core.api.Assertions.within(1e-4));
    }
  }

  @Test
  void beamSamplingIsRepeatable() {
    UnaryOperator<GenerationOptionsBuilder> drawn =
        o -> o.doSample(true).numBeams(3).numReturnSequences(2).temperature(2).seed(4);
    List<GeneratedText> first = blip2.generate(List.of(request(null, drawn))).get(0);
    List<GeneratedText> again = blip2.generate(List.of(request(null, drawn))).get(0);
    assertThat(first).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(again.get(i).tokenIds()).isEqualTo(first.get(i).tokenIds());
    }
  }

  @Test
  void scoresAreLogProbabilities() {
    GeneratedText text = one(request(null, o -> o.topLogProbabilities(3)));
    assertThat(text.logProbabilities()).hasSameSizeAs(text.tokenIds()).allMatch(p -> p <= 0);
    assertThat(text.score())
        .isEqualTo(text.logProbabilities().stream().mapToDouble(Double::doubleValue).sum());
    for (int i = 0; i < text.tokenIds().size(); i++) {
      List<TokenProbability> likely = text.alternatives().get(i);
      assertThat(likely).hasSize(3);
      assertThat(likely.get(0).token()).isEqualTo(text.tokenIds().get(i));
      assertThat(likely.get(0).logProbability()).isEqualTo(text.logProbabilities().get(i));
      assertThat(likely.get(1).logProbability())
          .isLessThanOrEqualTo(likely.get(0).logProbability());
    }
    assertThat(one(request(null, o -> o)).alternatives()).isEmpty();
  }

  @Test
  void choicesAreAllThatIsWritten() {
    List<List<Integer>> choices = List.of(List.of(30, 31), List.of(40));
    GeneratedText text = one(request(null, o -> o.choices(choices)));
    assertThat(text.finishReason()).isEqualTo(FinishReason.EOS);
    assertThat(choices).contains(text.tokenIds().subList(0, text.tokenIds().size() - 1));
  }

  @Test
  void beamsThatRunOutOfChoicesStillGiveTheChoices() {
    List<List<Integer>> choices = List.of(List.of(30), List.of(40, 41, 42));
    for (boolean drawn : new boolean[] {false, true}) {
      GenerationRequest request =
          request(
              null,
              o ->
                  o.choices(choices)
                      .numBeams(3)
                      .numReturnSequences(3)
                      .doSample(drawn)
                      .topK(0)
                      .seed(1));
      List<GeneratedText> texts = blip2.generate(List.of(request)).get(0);
      assertThat(texts).isNotEmpty();
      for (GeneratedText text : texts) {
        List<Integer> ids = text.tokenIds();
        if (Double.isFinite(text.score())) {
          assertThat(choices).contains(ids.subList(0, ids.size() - 1));
        }
      }
      assertThat(texts.get(0).score()).isFinite();
    }
  }

  @Test
  void whenEveryTokenIsForbiddenThatIsSaid() {
    GenerationRequest request =
        request(
            null,
            o ->
                o.scoreProcessors(
                    List.of(
                        (tokens, scores) ->
                            java.util.Arrays.fill(scores, Float.NEGATIVE_INFINITY))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one(request))
        .withMessageContaining("every one is forbidden");
  }

  @Test
  void aPromptThatIsTooLongIsRefusedBeforeAnyWork() {
    GenerationRequest wrong = request("word ".repeat(200), o -> o);
    GenerationRequest missing =
        new GenerationRequest(
            ImageSource.of(Path.of("none.png")), null, GenerationOptions.defaults());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> blip2.generate(List.of(missing, wrong)))
        .withMessageContaining(TinyOpt.POSITIONS + " positions");
  }

  /** Collects what it asked for, one piece at a time. */
  private static class Collector implements Flow.Subscriber<TextPiece> {
    final StringBuilder text = new StringBuilder();
    final int most;
    int pieces;
    Flow.@Nullable Subscription subscription;
    @Nullable Throwable error;
    boolean complete;

    Collector(int most) {
      this.most = most;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(1);
    }

    @Override
    public void onNext(TextPiece piece) {
      text.append(piece.text());
      Flow.Subscription given = java.util.Objects.requireNonNull(subscription);
      if (++pieces == most) {
        given.cancel();
      } else {
        given.request(1);
      }
    }

    @Override
    public void onError(Throwable thrown) {
      error = thrown;
    }

    @Override
    public void onComplete() {
      complete = true;
    }
  }

  @Test
  void aPublisherGivesWhatIsRequested() {
    GenerationRequest request = request("a photo of", o -> o);
    Collector all = new Collector(-1);
    blip2.publisher(request).subscribe(all);
    assertThat(all.text).hasToString(one(request).text());
    assertThat(all.complete).isTrue();
    Collector some = new Collector(3);
    blip2.publisher(request).subscribe(some);
    assertThat(some.pieces).isEqualTo(3);
    assertThat(some.complete).isFalse();
    Collector wrong = new Collector(-1);
    blip2.publisher(request(null, o -> o.numBeams(2))).subscribe(wrong);
    assertThat(wrong.error).isInstanceOf(IllegalArgumentException.class);
    assertThat(borrowers()).isZero();
  }

  @Test
  void aSubscriberThatThrowsLeavesNothingOpen() {
    GenerationRequest request = request("a photo of", o -> o);
    Collector throwing =
        new Collector(-1) {
          @Override
          public void onSubscribe(Flow.Subscription given) {
            throw new IllegalStateException("not now");
          }
        };
    assertThatIllegalStateException()
        .isThrownBy(() -> blip2.publisher(request).subscribe(throwing))
        .withMessage("not now");
    assertThat(borrowers()).isZero();
    Collector failing =
        new Collector(-1) {
          @Override
          public void onNext(TextPiece piece) {
            throw new IllegalStateException("no more");
          }
        };
    blip2.publisher(request).subscribe(failing);
    assertThat(failing.error).hasMessage("no more");
    assertThat(borrowers()).isZero();
  }

  /** Closing the model ends the text of a subscriber that waits, and says so when it asks. */
  @Test
  void aSubscriberLearnsThatTheModelIsClosed() {
    Blip2 own = Blip2.load(OPT);
    Collector waiting =
        new Collector(-1) {
          @Override
          public void onNext(TextPiece piece) {
            own.close();
            super.onNext(piece);
          }
        };
    own.publisher(request("a photo of", o -> o)).subscribe(waiting);
    assertThat(waiting.complete).isFalse();
    assertThat(waiting.error).isInstanceOf(NoSuchElementException.class).hasMessage("closed");
  }

  @Test
  void rowsBeyondTheMemoryAreRefusedAndNothingIsLeftOpen() {
    List<UnaryOperator<GenerationOptionsBuilder>> wrong =
        List.of(
            o -> o.numBeams(100_000_000),
            o -> o.numBeams(Integer.MAX_VALUE),
            o -> o.doSample(true).numReturnSequences(1_000_000_000),
            o -> o.numBeams(5_000_000).numReturnSequences(5_000_000));
    Blip2 own = Blip2.load(OPT);
    EncodedImage image = own.encode(ImageSource.of(Fixtures.image("photo.jpg")));
    for (UnaryOperator<GenerationOptionsBuilder> change : wrong) {
      GenerationOptions options = change.apply(GenerationOptions.builder()).build();
      GenerationRequest request = new GenerationRequest(image, "a photo of", options);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> own.generate(List.of(request)))
          .withMessageMatching("num_beams \\(\\d+\\) and num_return_sequences.*GB.*");
      try (ChatSession chat = own.chat(image, ChatOptions.defaults().withGeneration(options))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> chat.ask("what is it?"))
            .withMessageContaining("must fit into memory");
      }
    }
    own.close();
  }

  @Test
  void optionsOutOfRangeAreRefusedByNameValueAndRule() {
    List<UnaryOperator<GenerationOptionsBuilder>> wrong =
        List.of(
            o -> o.numBeams(0),
            o -> o.doSample(true).temperature(0),
            o -> o.doSample(true).temperature(Double.NaN),
            o -> o.doSample(true).temperature(1e-38),
            o -> o.doSample(true).temperature(1e300),
            o -> o.doSample(true).topP(1.5),
            o -> o.doSample(true).topP(-0.1),
            o -> o.doSample(true).topK(-1),
            o -> o.doSample(true).minP(-0.1),
            o -> o.doSample(true).typicalP(0),
            o -> o.numBeams(2).lengthPenalty(Double.POSITIVE_INFINITY),
            o -> o.repetitionPenalty(0),
            o -> o.repetitionPenalty(1e-60),
            o -> o.repetitionPenalty(1e60),
            o -> o.noRepeatNgramSize(-1),
            o -> o.numReturnSequences(2),
            o -> o.numBeams(2).numReturnSequences(3),
            o -> o.doSample(true).numBeams(2).numReturnSequences(3),
            o -> o.minNewTokens(21),
            o -> o.badWordsIds(List.of(List.of())),
            o -> o.choices(List.of(List.of(-1))),
            o -> o.stopStrings(List.of("")),
            o -> o.numBeams(2).stopStrings(List.of("x")),
            o -> o.maxTime(Duration.ZERO),
            o -> o.topLogProbabilities(-1));
    for (int i = 0; i < wrong.size(); i++) {
      GenerationOptionsBuilder builder = wrong.get(i).apply(GenerationOptions.builder());
      assertThatIllegalArgumentException()
          .as("case %d", i)
          .isThrownBy(builder::build)
          .withMessageMatching("\\w+ \\(.*\\) must .*");
    }
  }

  @Test
  void presetsAreFoundByName() {
    GenerationPreset coco = GenerationPreset.parse("coco-caption");
    assertThat(coco.prompt()).contains("a photo of");
    assertThat(coco.options().numBeams()).isEqualTo(5);
    assertThat(GenerationPreset.LAVIS_VQA_T5.options().lengthPenalty()).isEqualTo(-1);
    assertThat(GenerationPreset.REFERENCE.prompt()).isEmpty();
    for (GenerationPreset preset : GenerationPreset.values()) {
      assertThat(GenerationPreset.parse(preset.label())).isEqualTo(preset);
      assertThat(preset.source()).isNotEmpty();
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GenerationPreset.parse("best"))
        .withMessageContaining("lavis-vqa-opt");
  }
}
