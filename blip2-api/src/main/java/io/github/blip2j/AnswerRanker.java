package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.engine.WritingHead;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.retrieval.ScoredLabel;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says how likely the model finds each of given answers: exact log-probabilities over the shared
 * image and prompt, which are computed once; what several candidates begin with is computed once
 * too. Any number of candidates fits into memory. Immutable; safe for many threads while its {@link
 * Blip2} is open.
 */
public final class AnswerRanker {
  private final Engine engine;
  private final boolean lengthNormalized;
  private final boolean endToken;

  AnswerRanker(Engine engine, boolean lengthNormalized, boolean endToken) {
    this.engine = engine;
    this.lengthNormalized = lengthNormalized;
    this.endToken = endToken;
  }

  /**
   * Whether scores are means over the tokens instead of sums; not by default.
   *
   * @param normalized so that long candidates are not at a disadvantage
   * @return a ranker of the same model
   */
  public AnswerRanker withLengthNormalization(boolean normalized) {
    return new AnswerRanker(engine, normalized, endToken);
  }

  /**
   * Whether the end token counts as the candidate's last, by default it does: then the probability
   * is that of the whole answer, and {@code dog} is not favoured over {@code dog house} for being
   * its beginning.
   *
   * @param counts whether it counts
   * @return a ranker of the same model
   */
  public AnswerRanker withEndToken(boolean counts) {
    return new AnswerRanker(engine, lengthNormalized, counts);
  }

  /**
   * Ranks candidates. For a decoder alone (OPT, LLaMA) a candidate follows the prompt behind a
   * space, unless there is a space already or no prompt ({@link TextTokenizer#encodeBehind}).
   *
   * @param image the image
   * @param prompt what the candidates follow, such as {@code Question: what is it? Answer:}, or
   *     null for none
   * @param candidates at least one
   * @return the candidates by falling {@link RankedAnswer#score}, the likeliest first; of equal
   *     ones that which was given first
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if there is no candidate, one has no token, or prompt and
   *     candidate leave no room
   * @throws InferenceException if the engine fails
   */
  public List<RankedAnswer> rank(
      ImageInput image, @Nullable String prompt, List<String> candidates) {
    return score(image, prompt, candidates).stream()
        .sorted(Comparator.comparingDouble(RankedAnswer::score).reversed())
        .toList();
  }

  /**
   * The same scores as those of {@link #rank}, unsorted.
   *
   * @param image the image
   * @param prompt what the candidates follow, or null for none
   * @param candidates at least one
   * @return the candidates in the order in which they were given
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException as {@link #rank}
   * @throws InferenceException if the engine fails
   */
  public List<RankedAnswer> score(
      ImageInput image, @Nullable String prompt, List<String> candidates) {
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("candidates (0) must be at least 1");
    }
    List<WritingHead.Scored> scored = engine.writing().score(image, prompt, candidates, endToken);
    double[] scores =
        scored.stream()
            .mapToDouble(s -> s.logProbability() / (lengthNormalized ? s.tokens().size() : 1))
            .toArray();
    double[] probabilities = Numbers.softmax(scores);
    RankedAnswer[] answers = new RankedAnswer[scores.length];
    for (int i = 0; i < answers.length; i++) {
      WritingHead.Scored one = scored.get(i);
      answers[i] =
          new RankedAnswer(
              candidates.get(i), one.tokens(), one.logProbability(), scores[i], probabilities[i]);
    }
    return List.of(answers);
  }

  /**
   * Sorts an image under labels by how likely the model finds them as answers.
   *
   * @param image the image
   * @param prompt a question about it in its template
   * @param labels at least one
   * @return every label, the most probable first
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException as {@link #rank}
   * @throws InferenceException if the engine fails
   */
  public List<ScoredLabel> classify(ImageInput image, String prompt, List<String> labels) {
    return rank(image, prompt, labels).stream()
        .map(r -> new ScoredLabel(r.text(), r.probability(), r.score()))
        .toList();
  }
}
