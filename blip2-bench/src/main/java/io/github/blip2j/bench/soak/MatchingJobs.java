package io.github.blip2j.bench.soak;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.SearchOptions;
import java.util.Arrays;
import java.util.List;

/** Every task of a model that matches images and texts, on one image. */
final class MatchingJobs {
  private static final List<String> TEXTS = List.of("two cats", "a plane");

  private final Blip2 blip2;
  private final Blip2Index index;
  private final ImageInput image;

  MatchingJobs(Blip2 blip2, Blip2Index index, ImageInput image) {
    this.blip2 = blip2;
    this.index = index;
    this.image = image;
  }

  List<Job> all(String of) {
    return List.of(
        new Job("match " + of, () -> blip2.matcher().match(image, TEXTS).toString()),
        new Job("embed " + of, this::embed),
        new Job(
            "classify " + of,
            () ->
                blip2
                    .zeroShotClassifier(TEXTS, List.of("a photo of {}"))
                    .classify(image)
                    .toString()),
        new Job(
            "search by image " + of, () -> index.texts(image, SearchOptions.best(3)).toString()),
        new Job(
            "search by text " + of,
            () -> index.images(TEXTS.get(0), SearchOptions.best(3)).toString()));
  }

  private String embed() {
    return Arrays.deepToString(blip2.embedder().image(image).projected())
        + Arrays.toString(blip2.embedder().text(TEXTS.get(0)).embedding());
  }
}
