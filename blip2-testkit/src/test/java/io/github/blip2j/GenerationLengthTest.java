package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Options under the reference's names that count what is there already, and switched-off ones. */
class GenerationLengthTest {
  private static GeneratedText text(
      Blip2 blip2, String prompt, UnaryOperator<GenerationOptionsBuilder> change) {
    GenerationOptions options = change.apply(GenerationOptions.builder()).build();
    ImageSource image = ImageSource.of(Fixtures.image("photo.jpg"));
    return blip2.generate(List.of(new GenerationRequest(image, prompt, options))).get(0).get(0);
  }

  @Test
  void whatSamplingWouldUseIsNotLookedAtWithoutIt() {
    GenerationOptions odd =
        GenerationOptions.builder()
            .temperature(0)
            .topP(0)
            .topK(-3)
            .minP(7)
            .typicalP(Double.NaN)
            .lengthPenalty(Double.NaN)
            .build();
    assertThat(odd.temperature()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> odd.toBuilder().doSample(true).build())
        .withMessageContaining("temperature");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> odd.toBuilder().numBeams(3).build())
        .withMessageContaining("length_penalty");
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      assertThat(text(blip2, "a photo of", o -> odd.toBuilder()).tokenIds())
          .isEqualTo(text(blip2, "a photo of", o -> o).tokenIds());
    }
  }

  /** Of OPT six vectors of the image and the prompt's tokens count, of T5 the start token. */
  @Test
  void lengthsCountWhatIsThereAlready() {
    for (String name : List.of("tiny-opt", "tiny-t5")) {
      try (Blip2 blip2 = Blip2.load(Fixtures.directory(name))) {
        int before = name.equals("tiny-opt") ? 6 + 6 : 1; // the prompt has six tokens
        var short4 = text(blip2, "a photo of", o -> o.maxNewTokens(4).minNewTokens(4));
        var same = text(blip2, "a photo of", o -> o.maxLength(before + 4).minLength(before + 4));
        assertThat(same.tokenIds()).hasSize(4).isEqualTo(short4.tokenIds());
        var unbound = text(blip2, "a photo of", o -> o.minLength(10_000).maxLength(before + 3));
        assertThat(unbound.tokenIds()).hasSize(3);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> text(blip2, "a photo of", o -> o.maxLength(before)))
            .withMessageContaining("max_length (" + before + ")");
      }
    }
  }

  @Test
  void theLaterOfTwoLimitsCounts() {
    GenerationOptions total = GenerationOptions.builder().maxNewTokens(5).maxLength(40).build();
    assertThat(total.maxLength()).hasValue(40);
    assertThat(total.withMaxNewTokens(7).maxLength()).isEmpty();
    assertThat(total.toBuilder().minLength(9).build().minLength()).hasValue(9);
    assertThatIllegalArgumentException().isThrownBy(() -> total.toBuilder().maxLength(0));
    assertThatIllegalArgumentException().isThrownBy(() -> total.toBuilder().minLength(-1));
  }
}
