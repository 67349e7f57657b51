package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Both kinds of training learn, go on where they were, and leave files that every backend loads.
 */
class TrainerTest {
  private static final LoraOptions LORA = LoraOptions.defaults().withRank(4);

  @TempDir static Path cache;
  private static Blip2 model;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    model = TinyTraining.load(cache);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static Trainer lora(TrainingOptions options) {
    return Trainer.lora(model, LORA, options);
  }

  private static TinyTraining.Told train(Trainer trainer) {
    TinyTraining.Told told = new TinyTraining.Told();
    trainer.train(TinyTraining.examples(), TinyTraining.examples().subList(0, 2), told);
    return told;
  }

  private void learns(Function<TrainingOptions, Trainer> kind) {
    TrainingOptions options =
        TinyTraining.options(12).withEvery(new TrainingOptions.Every(5, 0)).withFolder(folder);
    try (Trainer trainer = kind.apply(options)) {
      double before = trainer.loss(TinyTraining.examples());
      TinyTraining.Told told = train(trainer);
      assertThat(told.encoded).isEqualTo(7);
      assertThat(told.steps).hasSize(12);
      assertThat(told.validations).hasSize(3); // behind steps 5, 10 and the last
      assertThat(trainer.steps()).isEqualTo(12);
      assertThat(trainer.loss(TinyTraining.examples())).isLessThan(before - 0.5);
    }
  }

  @Test
  void theQFormerLearns() {
    learns(options -> Trainer.qformer(model, options));
  }

  @Test
  void changesOfLowRankLearn() {
    learns(TrainerTest::lora);
  }

  /** The first loss is that of the model itself: B is 0. */
  @Test
  void changesOfLowRankBeginWithNoChange() {
    try (Trainer lora = lora(TinyTraining.options(1));
        Trainer qformer = Trainer.qformer(model, TinyTraining.options(1))) {
      assertThat(lora.loss(TinyTraining.examples()))
          .isCloseTo(qformer.loss(TinyTraining.examples()), within(1e-5));
    }
  }

  /** Passes of a step count as one batch, weighed by their tokens. */
  @Test
  void accumulatedPassesAreOneBatch() {
    TinyTraining.Told two;
    TinyTraining.Told one;
    try (Trainer apart = Trainer.qformer(model, TinyTraining.options(3).withBatches(2, 2))) {
      two = train(apart);
    }
    try (Trainer together = Trainer.qformer(model, TinyTraining.options(3).withBatches(4, 1))) {
      one = train(together);
    }
    for (int step = 0; step < 3; step++) {
      assertThat(two.steps.get(step).tokens()).isEqualTo(one.steps.get(step).tokens());
      assertThat(two.steps.get(step).loss()).isCloseTo(one.steps.get(step).loss(), within(1e-4));
      assertThat(two.steps.get(step).gradientNorm())
          .isCloseTo(one.steps.get(step).gradientNorm(), within(1e-3));
    }
  }

  /** Six steps, and six more by another trainer from the state, are twelve. */
  @Test
  void aTrainingGoesOnFromItsState() {
    TinyTraining.Told whole;
    try (Trainer trainer = lora(TinyTraining.options(12))) {
      whole = train(trainer);
    }
    Path run = folder.resolve("run");
    try (Trainer first = lora(TinyTraining.options(12).withFolder(run))) {
      first.train(
          TinyTraining.examples(),
          List.of(),
          new TrainingListener() {
            @Override
            public void stepped(Step step) {
              if (step.number() == 6) {
                Thread.currentThread().interrupt();
              }
            }
          });
      assertThat(Thread.interrupted()).isTrue(); // kept
      assertThat(first.steps()).isEqualTo(6);
    }
    try (Trainer second = lora(TinyTraining.options(12).withFolder(run))) {
      TinyTraining.Told rest = train(second);
      assertThat(rest.steps).isEqualTo(whole.steps.subList(6, 12));
    }
  }

  /** The state behind the validation is written as it would have been, and the training ends. */
  @Test
  void anInterruptWhileItValidatesLosesNoState() {
    TrainingOptions options =
        TinyTraining.options(6).withEvery(new TrainingOptions.Every(2, 0)).withFolder(folder);
    List<Integer> validated = new ArrayList<>();
    try (Trainer first = lora(options)) {
      first.train(
          TinyTraining.examples(),
          TinyTraining.examples().subList(0, 1),
          new TrainingListener() {
            @Override
            public void validated(int step, double loss) {
              validated.add(step);
              Thread.currentThread().interrupt();
            }
          });
      assertThat(Thread.interrupted()).as("kept").isTrue();
      assertThat(first.steps()).isEqualTo(2);
    }
    assertThat(validated).containsExactly(2);
    try (Trainer second = lora(options)) {
      assertThat(train(second).steps).hasSize(4);
    }
  }

  @Test
  void stateOfAnotherTrainingIsRefused() {
    try (Trainer trainer = lora(TinyTraining.options(1).withFolder(folder))) {
      train(trainer);
    }
    TrainingOptions same = TinyTraining.options(2).withFolder(folder);
    refused(Trainer.qformer(model, same), "trained: expected qformer", "LoraOptions[rank=4");
    refused(lora(same.withSeed(8)), "seed: expected 8", "found 7");
    refused(lora(same.withBatches(1, 2)), "batches: expected 1x2", "found 2x2");
    List<TrainingExample> examples = new ArrayList<>(TinyTraining.examples());
    Collections.swap(examples, 0, 1);
    try (Trainer trainer = lora(same)) {
      assertThatThrownBy(() -> trainer.train(examples, List.of(), TrainingListener.NONE))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll("examples: expected 5 of digest ", "found 5 of digest ");
    }
  }

  private static void refused(Trainer trainer, String... words) {
    try (trainer) {
      assertThatThrownBy(() -> train(trainer))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContainingAll(words);
    }
  }

  @Test
  void theSameSeedGivesTheSameNumbers() {
    TinyTraining.Told first;
    try (Trainer trainer = lora(TinyTraining.options(4))) {
      first = train(trainer);
    }
    try (Trainer trainer = lora(TinyTraining.options(4))) {
      assertThat(train(trainer).steps).isEqualTo(first.steps);
    }
    try (Trainer trainer = lora(TinyTraining.options(4).withSeed(8))) {
      assertThat(train(trainer).steps).isNotEqualTo(first.steps);
    }
  }

  @Test
  void lossesAreWrittenAsTheyCome() throws Exception {
    TrainingOptions options =
        TinyTraining.options(4).withEvery(new TrainingOptions.Every(2, 0)).withFolder(folder);
    try (Trainer trainer = Trainer.qformer(model, options)) {
      TinyTraining.Told told = train(trainer);
      List<String> lines = Files.readAllLines(folder.resolve("log.jsonl"));
      assertThat(lines).hasSize(6);
      JsonNode third = new ObjectMapper().readTree(lines.get(3)); // behind two steps and a look
      assertThat(third.get("step").intValue()).isEqualTo(3);
      assertThat(third.get("loss").doubleValue()).isEqualTo(told.steps.get(2).loss());
      JsonNode last = new ObjectMapper().readTree(lines.get(5));
      assertThat(last.get("validation_loss").doubleValue()).isEqualTo(told.validations.get(1));
    }
  }

  private static List<Integer> ids(Blip2 loaded) {
    return loaded
        .captioner()
        .withOptions(GenerationOptions.defaults().withMaxNewTokens(8))
        .caption(TinyTraining.examples().get(0).image())
        .tokenIds();
  }

  /** Frozen tensors are the base's, trained ones are not, and the loss is the trainer's. */
  @Test
  void aTrainedQFormerIsACheckpoint() {
    Path made = folder.resolve("model");
    double loss;
    try (Trainer trainer = Trainer.qformer(model, TinyTraining.options(8))) {
      train(trainer);
      loss = trainer.loss(TinyTraining.examples());
      trainer.save(made);
      assertThatThrownBy(() -> trainer.save(made))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected a name that is free");
    }
    try (Blip2 loaded = Blip2.builder().model(made).backend("djl").cacheDirectory(cache).load();
        Trainer again = Trainer.qformer(loaded, TinyTraining.options(1))) {
      assertThat(again.loss(TinyTraining.examples())).isCloseTo(loss, within(1e-5));
      Map<String, WeightTensor> before = byName(model);
      byName(loaded)
          .forEach(
              (name, tensor) -> {
                boolean trained = name.matches("(qformer\\.|language_projection|query_tokens).*");
                assertThat(same(tensor, Objects.requireNonNull(before.get(name))))
                    .as(name)
                    .isEqualTo(!trained || name.contains("position_ids"));
              });
      assertThat(ids(loaded)).isNotEqualTo(ids(model));
    }
  }

  private static Map<String, WeightTensor> byName(Blip2 loaded) {
    return LoadedCheckpoint.of(loaded).source().checkpoint().weights().all().stream()
        .filter(t -> t.dtype().toString().startsWith("F"))
        .collect(Collectors.toMap(WeightTensor::name, t -> t));
  }

  private static boolean same(WeightTensor one, WeightTensor other) {
    return java.util.Arrays.equals(one.floats(), other.floats());
  }

  /** What is merged while loading is what was trained. */
  @Test
  void trainedChangesAreAnAdapter() {
    Path made = folder.resolve("adapter");
    double loss;
    try (Trainer trainer = lora(TinyTraining.options(8))) {
      train(trainer);
      loss = trainer.loss(TinyTraining.examples());
      trainer.save(made);
    }
    try (Blip2 loaded =
            Blip2.builder()
                .model(Fixtures.directory(TinyTraining.FIXTURE))
                .adapter(made)
                .backend("djl")
                .cacheDirectory(cache)
                .load();
        Trainer again = Trainer.qformer(loaded, TinyTraining.options(1))) {
      assertThat(again.loss(TinyTraining.examples())).isCloseTo(loss, within(1e-4));
      assertThatThrownBy(() -> Trainer.lora(loaded, LORA, TinyTraining.options(1)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected a model without an adapter");
    }
  }

  /** T5's prompt goes to the encoder, and its changes stand in both stacks. */
  @Test
  void anEncoderAndDecoderLearnToo() {
    try (Blip2 t5 = TinyTraining.load("tiny-mblip-mt0", cache);
        Trainer trainer = Trainer.lora(t5, LORA, TinyTraining.options(8))) {
      double before = trainer.loss(TinyTraining.examples());
      train(trainer);
      assertThat(trainer.loss(TinyTraining.examples())).isLessThan(before);
    }
  }

  @Test
  void whatCannotBeTrainedIsSaid() {
    try (Blip2 instructed = TinyTraining.load("tiny-instructblip-vicuna", cache)) {
      assertThatThrownBy(() -> Trainer.qformer(instructed, TinyTraining.options(1)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected a Q-Former that reads images alone");
    }
    assertThatThrownBy(
            () -> Trainer.lora(model, LORA.withLayers(List.of("c_attn")), TinyTraining.options(1)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll("[c_attn]", "q_proj", "fc1");
    try (Trainer trainer = Trainer.qformer(model, TinyTraining.options(1))) {
      assertThatThrownBy(() -> trainer.train(List.of(), List.of(), TrainingListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected at least one");
      TrainingExample endless =
          TrainingExample.caption(
              TinyTraining.examples().get(0).image(), "two cats on a couch ".repeat(60));
      assertThatThrownBy(() -> trainer.loss(List.of(endless)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be at most 200");
    }
  }

  /** Before an image is encoded, whenever its turn would come. */
  @Test
  void aTextThatIsTooLongIsFoundBeforeTheFirstStep() {
    List<TrainingExample> examples = TinyTraining.examples();
    TrainingExample endless =
        TrainingExample.caption(examples.get(0).image(), "two cats on a couch ".repeat(60));
    TinyTraining.Told told = new TinyTraining.Told();
    try (Trainer trainer = lora(TinyTraining.options(1).withFolder(folder))) {
      assertThatThrownBy(() -> trainer.train(examples, List.of(examples.get(0), endless), told))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("example 2 of validation: ", "must be at most 200");
      assertThatThrownBy(() -> trainer.train(List.of(endless), List.of(), told))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("example 1: ");
    }
    assertThat(told.encoded).isZero();
    assertThat(told.steps).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  /** Settings are copied, so that they must be true of what is written. */
  @Test
  void whatCouldNotBeSavedIsNotTrained() {
    try (Blip2 larger =
        Blip2.builder()
            .model(Fixtures.directory(TinyTraining.FIXTURE))
            .imageSize(84)
            .backend("djl")
            .cacheDirectory(cache)
            .load()) {
      assertThatThrownBy(() -> Trainer.qformer(larger, TinyTraining.options(1)).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected images of 56 pixels as its settings have it, found 84");
      Trainer.lora(larger, LORA, TinyTraining.options(1)).close();
    }
    try (Blip2 packed = TinyTraining.load("tiny-opt-nf4", cache)) {
      assertThatThrownBy(() -> Trainer.qformer(packed, TinyTraining.options(1)).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected the settings of plain weights");
    }
  }

  /** A backend without gradients names one that has them. */
  @Test
  void aBackendWithoutGradientsSaysSo() {
    var request =
        new io.github.blip2j.spi.TrainingRequest(LoadedCheckpoint.of(model).source(), List.of());
    var other = new io.github.blip2j.testkit.ArrayBackend();
    assertThatThrownBy(() -> other.openTraining(request))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("such as djl");
  }
}
