package io.github.blip2j.train;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on images and texts by AdamW, in float32 and without dropout: its Q-Former with
 * queries and projection, as LAVIS does, while vision encoder and language model stay as they are;
 * or the language model's attention by changes of low rank. Images are encoded once.
 *
 * <p>The same seed, examples and machine give the same numbers; a training that goes on from a
 * state gives those of one that was never interrupted.
 *
 * <p>Borrows the {@code Blip2}, which encodes images and texts and stays as it is; owns what is
 * trained until {@link #close}. For one thread.
 */
public final class Trainer implements AutoCloseable {
  private final Blip2 source;
  private final TrainingModel model;
  private final @Nullable LoraOptions lora;
  private final List<LowRankChange> changes;
  private final TrainingOptions options;

  private Trainer(
      Blip2 source,
      @Nullable LoraOptions lora,
      List<LowRankChange> changes,
      TrainingOptions options) {
    this.source = source;
    this.lora = lora;
    this.changes = changes;
    this.options = options;
    this.model = LoadedCheckpoint.of(source).openTraining(changes);
  }

  /**
   * Trains the Q-Former, its queries and the projection.
   *
   * @param model of backend {@code djl}
   * @param options how long and how
   * @return a trainer; the caller closes it
   * @throws BackendUnavailableException if the model's backend cannot train
   * @throws CheckpointException if the checkpoint writes no text, its Q-Former reads instructions,
   *     or what is trained could not be saved, since the weights are packed or the images have
   *     another size than the checkpoint's own
   */
  public static Trainer qformer(Blip2 model, TrainingOptions options) {
    LoadedCheckpoint.of(model).source().checkpoint().requireWritable();
    return new Trainer(model, null, List.of(), options);
  }

  /**
   * Trains changes of low rank of the language model (LoRA).
   *
   * @param model of backend {@code djl}, without an adapter
   * @param lora which layers, and how large
   * @param options how long and how
   * @return a trainer; the caller closes it
   * @throws BackendUnavailableException if the model's backend cannot train
   * @throws CheckpointException if the checkpoint writes no text, its Q-Former reads instructions,
   *     its language model has none of the layers, or an adapter has been merged into it
   */
  public static Trainer lora(Blip2 model, LoraOptions lora, TrainingOptions options) {
    LoadRequest loaded = LoadedCheckpoint.of(model).source();
    Checkpoint checkpoint = loaded.checkpoint();
    if (!checkpoint.adapter().isEmpty()) {
      throw new CheckpointException(
          checkpoint.directory()
              + ": lora: expected a model without an adapter, since another one beside it would be"
              + " right on both together only, found one with an adapter");
    }
    List<LowRankChange> changes = LowRank.of(loaded.program(), lora);
    Trainer trainer = new Trainer(model, lora, changes, options);
    LowRank.begin(trainer.model, changes, options.seed());
    return trainer;
  }

  /**
   * Steps since the beginning.
   *
   * @return at least 0
   */
  public int steps() {
    return model.steps();
  }

  /**
   * Trains until all steps have been made. With a folder, losses are written to {@code log.jsonl}
   * as they come and the state to {@code state.safetensors}, from which a training in the same
   * folder goes on. An interrupt ends it after the step under way, behind the state, also one that
   * comes while it validates or writes the state.
   *
   * @param examples to learn from, at least one
   * @param validation whose loss is watched; may be empty
   * @param listener is told of each step
   * @throws IllegalArgumentException if there is no example, or one is too long for the model
   * @throws UnreadableImageException if an image cannot be read
   * @throws CheckpointException if the folder has the state of another training, or cannot be
   *     written
   * @throws InferenceException if the loss is no number any more, or the engine fails; the last
   *     state stays
   */
  public void train(
      List<TrainingExample> examples, List<TrainingExample> validation, TrainingListener listener) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("examples: expected at least one, found none");
    }
    TrainingData.Texts learnt = texts(examples, "");
    TrainingData.Texts others = texts(validation, " of validation");
    TrainingState state = state(examples);
    if (state != null) {
      if (state.exists()) {
        state.restore(model);
      }
      state.sweep();
    }
    int total = examples.size() + validation.size();
    try (TrainingLog log = new TrainingLog(options.folder(), listener);
        TrainingData data = data(learnt, done -> log.encoded(done, total));
        TrainingData watched = data(others, done -> log.encoded(examples.size() + done, total))) {
      steps(data, watched, log, state);
    }
  }

  private TrainingData.Texts texts(List<TrainingExample> examples, String what) {
    return TrainingData.Texts.of(source, model, examples, what);
  }

  private TrainingData data(TrainingData.Texts texts, java.util.function.IntConsumer told) {
    TrainingRequest.Input input =
        changes.isEmpty() ? TrainingRequest.Input.PATCHES : TrainingRequest.Input.FEATURES;
    return TrainingData.of(source, input, texts, told);
  }

  /** What must be the same when a training goes on. */
  private @Nullable TrainingState state(List<TrainingExample> examples) {
    if (options.folder() == null) {
      return null;
    }
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("checkpoint", source.checkpoint());
    identity.put("trained", lora == null ? "qformer" : lora.toString());
    identity.put("examples", ExampleDigest.of(examples));
    identity.put("batches", options.batchSize() + "x" + options.accumulation());
    identity.put("seed", Long.toString(options.seed()));
    return new TrainingState(options.folder(), identity);
  }

  private void steps(
      TrainingData data, TrainingData watched, TrainingLog log, @Nullable TrainingState state) {
    ExampleOrder order = new ExampleOrder(data.size(), options.seed());
    boolean stopped = false;
    try {
      while (model.steps() < options.steps() && !stopped) {
        log.stepped(step(data, order));
        stopped = Thread.interrupted();
        int done = model.steps();
        boolean last = stopped || done == options.steps();
        if (watched.size() > 0 && (last || due(done, options.every().validation()))) {
          log.validated(done, loss(watched));
          stopped |= Thread.interrupted();
        }
        if (state != null && (last || stopped || due(done, options.every().save()))) {
          state.write(model);
          stopped |= Thread.interrupted();
        }
      }
    } finally {
      if (stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean due(int done, int every) {
    return every > 0 && done % every == 0;
  }

  private TrainingListener.Step step(TrainingData data, ExampleOrder order) {
    List<TrainingBatch> batches = new ArrayList<>();
    long place = (long) model.steps() * options.accumulation() * options.batchSize();
    for (int pass = 0; pass < options.accumulation(); pass++) {
      int[] chosen = new int[options.batchSize()];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = order.at(place++);
      }
      batches.add(data.batch(chosen));
    }
    return new TrainingStep(model, options).of(batches);
  }

  /** Over all tokens of all examples. */
  private double loss(TrainingData data) {
    double sum = 0;
    long tokens = 0;
    for (int from = 0; from < data.size(); from += options.batchSize()) {
      int to = Math.min(data.size(), from + options.batchSize());
      TrainingBatch batch = data.batch(IntStream.range(from, to).toArray());
      sum += batch.tokens() * model.loss(batch);
      tokens += batch.tokens();
    }
    return sum / tokens;
  }

  /**
   * The loss of examples as the model is now.
   *
   * @param examples at least one
   * @return mean cross entropy of their tokens, natural logarithm
   * @throws IllegalArgumentException if there is none, or one is too long for the model
   */
  public double loss(List<TrainingExample> examples) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("examples: expected at least one, found none");
    }
    try (TrainingData data = data(texts(examples, ""), done -> {})) {
      return loss(data);
    }
  }

  /**
   * Writes what has been trained: of changes of low rank a PEFT adapter, else a checkpoint in the
   * Hub's layout with the trained tensors in float32. Both load here with every backend, and in
   * Transformers. The folder appears when it is whole.
   *
   * @param output the folder to make; must not exist
   * @throws CheckpointException if it is there or cannot be written, or the checkpoint's files were
   *     replaced since it was loaded
   */
  public void save(Path output) {
    Checkpoint checkpoint = LoadedCheckpoint.of(source).source().checkpoint();
    if (lora != null) {
      new AdapterFiles(checkpoint.directory(), lora, changes).write(output, model);
      return;
    }
    LoadedCheckpoint.of(source).requireSameFiles(); // what was not trained is copied from them
    Map<String, float[]> changed = new LinkedHashMap<>();
    model.parameters().forEach(p -> changed.put(p.name(), model.state(p.name()).values()));
    checkpoint.writeWith(output, changed);
  }

  /** Releases what is trained; a second call does nothing. */
  @Override
  public void close() {
    model.close();
  }
}
