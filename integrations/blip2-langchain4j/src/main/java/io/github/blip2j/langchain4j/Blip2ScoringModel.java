package io.github.blip2j.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.ImageInput;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reranks images that a search has found: a segment stands for an image, and its score is the
 * probability, 0 to 1, that the query describes it, from reading both together (image-text
 * matching). LangChain4j's segments hold text only, so whoever filled the store says how an image
 * is found from one, as by a path in its metadata. Safe for many threads while its {@code Blip2} is
 * open, if that function is.
 */
public final class Blip2ScoringModel implements ScoringModel {
  private final Blip2 blip2;
  private final Function<? super TextSegment, ? extends ImageInput> images;

  /**
   * Makes a model.
   *
   * @param blip2 one that matches images and texts; borrowed: the caller closes it
   * @param images from a segment to its image; may refuse it with an {@link
   *     IllegalArgumentException}
   * @throws IllegalArgumentException if it does not match images and texts
   */
  public Blip2ScoringModel(
      Blip2 blip2, Function<? super TextSegment, ? extends ImageInput> images) {
    if (!blip2.capabilities().contains(Capability.MATCH)) {
      throw new IllegalArgumentException(
          "blip2: expected a model that matches images and texts, found " + blip2.capabilities());
    }
    this.blip2 = blip2;
    this.images = images;
  }

  /**
   * Scores images.
   *
   * @param segments each of an image
   * @param query what is looked for
   * @return for each segment, in order, 0 to 1
   * @throws InvalidRequestException if an image cannot be read, or the query is too long
   */
  @Override
  public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
    return Failures.mapped(
        () -> {
          List<Double> scores = new ArrayList<>();
          for (TextSegment segment : segments) {
            ImageInput image = images.apply(segment);
            scores.add(blip2.matcher().probabilities(image, List.of(query))[0]);
          }
          return Response.from(scores);
        });
  }
}
