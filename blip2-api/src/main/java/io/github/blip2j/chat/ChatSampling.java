package io.github.blip2j.chat;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a request of a chat API says that tokens are chosen. Such APIs have no switch for sampling:
 * what they say of it is their numbers. A temperature of 0, or one token to choose from, takes the
 * likeliest token each time; another temperature, a nucleus below 1 or a number of tokens draws,
 * among all tokens where nothing else is said; and where none of them is said, or only a nucleus of
 * 1, the model's own options hold. Immutable.
 *
 * @param temperature 0 for the likeliest tokens, else as in {@link
 *     GenerationOptionsBuilder#temperature}; null if not said
 * @param topP probability of the nucleus, 0 to 1; null if not said
 * @param topK number of tokens to choose from, 0 for all; null if not said
 */
public record ChatSampling(
    @Nullable Double temperature, @Nullable Double topP, @Nullable Integer topK) {
  /**
   * Options with what the request says. Numbers that the likeliest token makes void are not looked
   * at.
   *
   * @param base where it says nothing; if they draw, their own limits stay where no others are said
   * @return the changed options, or equal ones
   * @throws IllegalArgumentException if a number is out of range; has name, value and rule
   */
  public GenerationOptions applyTo(GenerationOptions base) {
    if (temperature != null && temperature == 0 || topK != null && topK == 1) {
      return base.toBuilder().doSample(false).build();
    }
    if (temperature == null && (topP == null || topP == 1) && topK == null) {
      return base;
    }
    GenerationOptionsBuilder options = base.toBuilder();
    if (!base.doSample()) {
      options.doSample(true).topK(0); // all tokens, not the 50 that Transformers draws among
    }
    if (temperature != null) {
      options.temperature(temperature);
    }
    if (topP != null) {
      options.topP(topP);
    }
    if (topK != null) {
      options.topK(topK);
    }
    return options.build();
  }

  /**
   * Why a chat API's penalty of frequency or presence is refused: BLIP-2's reference has none that
   * is meant alike, and to leave it out unsaid would change the answer.
   *
   * @param name as the API has it
   * @param value null or 0 for none
   * @return the message, which has the name and {@code not supported}; nothing if there is no
   *     penalty to refuse
   */
  public static Optional<String> refusalOfPenalty(String name, @Nullable Double value) {
    return value == null || value == 0
        ? Optional.empty()
        : Optional.of(
            name
                + " ("
                + value
                + ") is not supported: leave it out; what BLIP-2 has is a repetition penalty, among"
                + " its own generation options");
  }
}
