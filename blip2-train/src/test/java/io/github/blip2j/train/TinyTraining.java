package io.github.blip2j.train;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A tiny model and five examples of three images, with which a training takes a second. */
final class TinyTraining {
  static final String FIXTURE = "tiny-opt-bin";

  private TinyTraining() {}

  static Blip2 load(Path cache) {
    return load(FIXTURE, cache);
  }

  static Blip2 load(String fixture, Path cache) {
    return Blip2.builder()
        .model(Fixtures.directory(fixture))
        .backend("djl")
        .cacheDirectory(cache)
        .load();
  }

  static List<TrainingExample> examples() {
    ImageSource one = ImageSource.of(Fixtures.image("landscape.png"));
    ImageSource two = ImageSource.of(Fixtures.image("portrait.png"));
    ImageSource three = ImageSource.of(Fixtures.image("tiny.png"));
    return List.of(
        TrainingExample.caption(one, "two cats laying on a couch"),
        TrainingExample.caption(two, "a cup of coffee on a wooden table"),
        TrainingExample.caption(three, "a rocket is standing on the launch pad"),
        new TrainingExample(one, "Question: how many cats? Answer:", "two"),
        new TrainingExample(three, "a photo of", "a rocket"));
  }

  /** Steps of two passes of two examples, without a folder. */
  static TrainingOptions options(int steps) {
    return TrainingOptions.defaults()
        .withSteps(steps)
        .withBatches(2, 2)
        .withRates(new TrainingOptions.Rates(2e-3, 1e-4, 2))
        .withEvery(new TrainingOptions.Every(0, 0))
        .withSeed(7);
  }

  /** Keeps what a training tells. */
  static final class Told implements TrainingListener {
    final List<Step> steps = new ArrayList<>();
    final List<Double> validations = new ArrayList<>();
    int encoded;

    @Override
    public void encoded(int done, int total) {
      encoded = total;
    }

    @Override
    public void stepped(Step step) {
      steps.add(step);
    }

    @Override
    public void validated(int step, double loss) {
      validations.add(loss);
    }
  }
}
