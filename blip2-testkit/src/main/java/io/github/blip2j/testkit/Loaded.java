package io.github.blip2j.testkit;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A fixture checkpoint on a backend, with what a test needs around it. */
final class Loaded implements AutoCloseable {
  final Checkpoint checkpoint;
  final Golden golden;
  final LoadedModel model;
  final Tokenizer tokenizer;
  private final Tokenizers tokenizers;
  private final LookaheadModel lookahead;
  private final Map<Reading, float[]> readings = new HashMap<>();

  /** What an image's features depend on: its file and, where it is read, the instruction. */
  private record Reading(String image, @Nullable String prompt) {}

  Loaded(Backend backend, Path directory, Golden golden, Path cache) {
    this(backend, directory, golden, cache, new Execution(Device.CPU, 1, WeightLayout.MAPPED));
  }

  Loaded(Backend backend, Path directory, Golden golden, Path cache, Execution execution) {
    this(backend, Checkpoint.open(directory, cache), golden, cache, execution);
  }

  Loaded(Backend backend, Checkpoint checkpoint, Golden golden, Path cache, Execution execution) {
    this.checkpoint = checkpoint;
    this.golden = golden;
    this.model = backend.load(new LoadRequest(checkpoint, execution, cache, LoadListener.NONE));
    this.lookahead = new LookaheadModel(model.language(), checkpoint.config().text());
    this.tokenizers = Tokenizers.load(checkpoint, cache);
    this.tokenizer = tokenizers.text();
  }

  /** What the draft has proposed, if one was loaded. */
  DraftStatistics guesses() {
    return lookahead.statistics();
  }

  /** Patches of one fixture image. */
  float[] patches(String image) {
    return model.vision().encode(pixels(image), 1);
  }

  /** Projected features of one fixture image, through every stage. */
  float[] features(String image) {
    return model.qformer().encode(patches(image), 1).projected();
  }

  /** The same, with an instruction if the Q-Former reads any. */
  QFormer.Output read(String image, @Nullable String prompt) {
    return instructed()
        ? model.qformer().read(patches(image), instructions(prompt))
        : model.qformer().encode(patches(image), 1);
  }

  /** Whether the Q-Former reads instructions. */
  boolean instructed() {
    return tokenizers.instructions() != null;
  }

  /** Ids of instructions for the Q-Former. */
  int[][] instructions(@Nullable String... prompts) {
    return Arrays.stream(prompts)
        .map(
            p ->
                Objects.requireNonNull(tokenizers.instructions()).encode(Objects.requireNonNull(p)))
        .toArray(int[][]::new);
  }

  /** One fixture image as the vision encoder is given it. */
  float[] pixels(String image) {
    ImageSource source = ImageSource.of(Fixtures.image(image));
    return new ImageProcessor(checkpoint.imageProcessor())
        .process(new ImageReader().read(source, ImageOptions.defaults()));
  }

  int[] tokens(@Nullable String prompt) {
    return prompt == null
        ? new int[] {checkpoint.config().text().startToken()}
        : tokenizer.encode(prompt);
  }

  /** Projected features of one fixture image and an instruction, which are computed once. */
  private float[] reading(String image, @Nullable String prompt) {
    Reading reading = new Reading(image, instructed() ? prompt : null);
    return readings.computeIfAbsent(reading, r -> read(image, r.prompt()).projected());
  }

  /** Runs a golden case as one batch. */
  List<List<Sequence>> search(Golden.Case golden) {
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < golden.images().size(); i++) {
      String text = golden.prompts() == null ? null : golden.prompts().get(i);
      prompts.add(prompt(golden.images().get(i), text, golden.options()));
    }
    return search(prompts);
  }

  /** A request; the image is encoded at the first one about it. For one thread. */
  Prompt prompt(String image, @Nullable String text, GenerationOptions options) {
    int[] tokens = tokens(text);
    int[] history = checkpoint.config().history(checkpoint.config().qformer().queries(), tokens);
    return new Prompt(reading(image, text), tokens, history, options);
  }

  List<List<Integer>> generate(Golden.Case golden) {
    return search(golden).stream().map(s -> s.get(0).ids()).toList();
  }

  List<List<Integer>> generate(List<Prompt> prompts) {
    return search(prompts).stream().map(s -> s.get(0).ids()).toList();
  }

  List<List<Sequence>> search(List<Prompt> prompts) {
    try (DecodingLoop loop =
        DecodingLoop.start(lookahead, checkpoint.config().text(), prompts, tokenizer::decodeRaw)) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results();
    }
  }

  @Override
  public void close() {
    model.close();
    tokenizers.close();
  }
}
