package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.image.ImageSource;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A call of some kind with some options, and what it must give however many others there are.
 *
 * @param kind what becomes of it
 * @param image file of a fixture
 * @param prompt or none
 * @param options without what the kind adds
 * @param at token at which something happens
 */
record ConcurrentCall(
    Kind kind, String image, @Nullable String prompt, GenerationOptions options, int at) {
  private static final List<String> IMAGES = List.of("photo.jpg", "portrait.png", "gray.png");

  /** How a call goes. */
  enum Kind {
    WHOLE,
    STREAMED,
    CLOSED,
    CANCELLED,
    INTERRUPTED,
    LATE,
    THROWN
  }

  /** Any one. */
  static ConcurrentCall random(SplittableRandom random) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    GenerationOptionsBuilder options =
        GenerationOptions.builder().maxNewTokens(4 + random.nextInt(16));
    boolean streamed = kind == Kind.STREAMED || kind == Kind.CLOSED || kind == Kind.CANCELLED;
    switch (random.nextInt(streamed ? 3 : 5)) {
      case 0 -> options.repetitionPenalty(1.3f);
      case 1 -> options.doSample(true).temperature(0.8).topK(20).seed(random.nextLong());
      case 2 -> options.minNewTokens(3).noRepeatNgramSize(2);
      case 3 -> options.numBeams(2 + random.nextInt(2));
      default -> options.doSample(true).numReturnSequences(3).seed(random.nextLong());
    }
    String prompt = random.nextBoolean() ? null : "a photo of";
    String image = IMAGES.get(random.nextInt(IMAGES.size()));
    return new ConcurrentCall(kind, image, prompt, options.build(), 1 + random.nextInt(5));
  }

  private GenerationRequest request(GenerationOptions changed) {
    return new GenerationRequest(ImageSource.of(Fixtures.image(image)), prompt, changed);
  }

  private GenerationOptions with(ScoreProcessor processor) {
    return options.toBuilder().scoreProcessors(List.of(processor)).build();
  }

  /** Makes the call on a model whose callers share steps, and on one where it is alone. */
  void check(Blip2 alone, Blip2 shared) {
    switch (kind) {
      case WHOLE -> assertSame(alone, shared, options);
      case INTERRUPTED -> interrupted(alone, shared);
      case LATE -> late(alone, shared);
      case THROWN -> thrown(shared);
      default -> streamed(alone, shared);
    }
  }

  private void assertSame(Blip2 alone, Blip2 shared, GenerationOptions same) {
    List<GeneratedText> expected = alone.generate(List.of(request(same))).get(0);
    List<GeneratedText> texts = shared.generate(List.of(request(same))).get(0);
    assertThat(texts).as("%s", this).hasSameSizeAs(expected);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(texts.get(i).tokenIds()).as("%s", this).isEqualTo(expected.get(i).tokenIds());
      assertThat(texts.get(i).finishReason()).isEqualTo(expected.get(i).finishReason());
      assertThat(texts.get(i).text()).isEqualTo(expected.get(i).text());
    }
  }

  private void streamed(Blip2 alone, Blip2 shared) {
    GeneratedText expected = alone.generate(List.of(request(options))).get(0).get(0);
    StringBuilder pieces = new StringBuilder();
    int count = 0;
    try (Generation generation = shared.stream(request(options))) {
      while (generation.hasNext() && (kind != Kind.CLOSED || count < at)) {
        if (kind == Kind.CANCELLED && count == at) {
          generation.cancel();
        }
        pieces.append(generation.next().text());
        count++;
      }
      if (kind == Kind.STREAMED) {
        assertThat(generation.result().orElseThrow().tokenIds()).isEqualTo(expected.tokenIds());
      }
    }
    assertThat(expected.text()).as("%s", this).startsWith(pieces.toString());
  }

  /** The thread is interrupted by its own processor, so at the same token in both. */
  private void interrupted(Blip2 alone, Blip2 shared) {
    ScoreProcessor interrupts =
        (tokens, scores) -> {
          if (tokens.size() >= at) {
            Thread.currentThread().interrupt();
          }
        };
    List<GeneratedText> expected = alone.generate(List.of(request(with(interrupts)))).get(0);
    Thread.interrupted();
    List<GeneratedText> texts = shared.generate(List.of(request(with(interrupts)))).get(0);
    Thread.interrupted();
    for (int i = 0; i < texts.size(); i++) {
      assertThat(texts.get(i).tokenIds()).as("%s", this).isEqualTo(expected.get(i).tokenIds());
      assertThat(texts.get(i).finishReason()).isEqualTo(expected.get(i).finishReason());
    }
  }

  /** However long it waits, what there is is how the whole text begins. */
  private void late(Blip2 alone, Blip2 shared) {
    GenerationOptions late = options.toBuilder().maxTime(Duration.ofMillis(at)).build();
    List<GeneratedText> texts = shared.generate(List.of(request(late))).get(0);
    GeneratedText whole = alone.generate(List.of(request(options))).get(0).get(0);
    if (options.numBeams() == 1) {
      List<Integer> ids = texts.get(0).tokenIds();
      assertThat(ids).as("%s", this).isEqualTo(whole.tokenIds().subList(0, ids.size()));
    }
    if (texts.get(0).tokenIds().size() < whole.tokenIds().size() && options.numBeams() == 1) {
      assertThat(texts.get(0).finishReason()).isEqualTo(FinishReason.DEADLINE);
    }
  }

  private void thrown(Blip2 shared) {
    ScoreProcessor throwing =
        (tokens, scores) -> {
          throw new IllegalArgumentException("of this call alone");
        };
    assertThatThrownBy(() -> shared.generate(List.of(request(with(throwing)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("of this call alone");
  }
}
