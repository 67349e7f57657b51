package io.github.blip2j;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.internal.decoding.Generation;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Row;
import io.github.blip2j.internal.decoding.TokenListener;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * From pictures and prompts to texts: preprocess, encode, read, decode. Borrows the model and the
 * tokenizer; safe for many threads.
 */
final class Pipeline {
  private final ModelConfig config;
  private final ImageReader reader = new ImageReader();
  private final ImageOptions imageOptions;
  private final ImageProcessor processor;
  private final Tokenizer tokenizer;
  private final LoadedModel model;

  Pipeline(
      Checkpoint checkpoint, ImageOptions imageOptions, Tokenizer tokenizer, LoadedModel model) {
    this.config = checkpoint.config();
    this.imageOptions = imageOptions;
    this.processor = new ImageProcessor(checkpoint.imageProcessor());
    this.tokenizer = tokenizer;
    this.model = model;
  }

  /** What one row is asked: a picture, a prompt or none, and how to decode. */
  record Request(ImageSource image, @Nullable String prompt, GenerationOptions options) {}

  /** Texts for all requests, computed as rows of one batch, in the requests' order. */
  List<GeneratedText> generate(List<Request> requests, TokenListener listener) {
    if (requests.isEmpty()) {
      return List.of();
    }
    Clock clock = new Clock();
    List<int[]> tokens = new ArrayList<>();
    requests.forEach(r -> tokens.add(tokens(r.prompt())));
    float[] pixels = clock.time(0, () -> pixels(requests));
    float[] patches = clock.time(1, () -> model.vision().encode(pixels, requests.size()));
    QFormer.Output read = clock.time(2, () -> model.qformer().encode(patches, requests.size()));
    List<Prompt> prompts = prompts(requests, tokens, read.projected());
    try (Generation generation =
        Generation.start(model.language(), config.text(), prompts, listener)) {
      boolean more = clock.time(3, generation::step);
      clock.time(4, () -> finish(generation, more));
      return results(generation.rows(), clock.timings());
    }
  }

  private static boolean finish(Generation generation, boolean more) {
    boolean going = more;
    while (going) {
      going = generation.step();
    }
    return true;
  }

  private int[] tokens(@Nullable String prompt) {
    return prompt == null ? new int[] {config.text().startToken()} : tokenizer.encode(prompt);
  }

  private float[] pixels(List<Request> requests) {
    int size = config.vision().pixels();
    float[] pixels = new float[Math.multiplyExact(size, requests.size())];
    for (int i = 0; i < requests.size(); i++) {
      float[] one = processor.process(reader.read(requests.get(i).image(), imageOptions));
      System.arraycopy(one, 0, pixels, i * size, size);
    }
    return pixels;
  }

  private List<Prompt> prompts(List<Request> requests, List<int[]> tokens, float[] projected) {
    int size = config.qformer().queries() * config.text().hiddenSize();
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      float[] features = new float[size];
      System.arraycopy(projected, i * size, features, 0, size);
      prompts.add(new Prompt(features, tokens.get(i), requests.get(i).options()));
    }
    return prompts;
  }

  private List<GeneratedText> results(List<Row> rows, StageTimings timings) {
    List<GeneratedText> texts = new ArrayList<>();
    for (Row row : rows) {
      texts.add(
          new GeneratedText(
              tokenizer.decode(row.ids()), row.ids(), row.finish().orElseThrow(), timings));
    }
    return texts;
  }

  /** Wall-clock time by stage. */
  private static final class Clock {
    private final Duration[] spent = new Duration[5];

    <R> R time(int stage, Supplier<R> work) {
      long start = System.nanoTime();
      R result = work.get();
      spent[stage] = Duration.ofNanos(System.nanoTime() - start);
      return result;
    }

    StageTimings timings() {
      return new StageTimings(spent[0], spent[1], spent[2], spent[3], spent[4]);
    }
  }
}
