package io.github.blip2j;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final BatchSize batches;

  Pipeline(
      Checkpoint checkpoint, ImageOptions imageOptions, Tokenizer tokenizer, LoadedModel model) {
    this.config = checkpoint.config();
    this.imageOptions = imageOptions;
    this.processor = new ImageProcessor(checkpoint.imageProcessor());
    this.tokenizer = tokenizer;
    this.model = model;
    this.batches = new BatchSize(config);
  }

  /**
   * Texts for all requests, in their order; for each as many as its options ask for, best first. As
   * many requests as fit are computed together.
   */
  List<List<GeneratedText>> generate(List<GenerationRequest> requests) {
    List<int[]> tokens = new ArrayList<>();
    for (GenerationRequest request : requests) {
      int[] prompt = tokens(request.prompt());
      // A prompt that is too long is refused before any work.
      DecodingLoop.requireRoom(
          config.text(), config.text().promptPositions(config.qformer().queries(), prompt.length));
      tokens.add(prompt);
    }
    List<List<GeneratedText>> results = new ArrayList<>();
    for (int from = 0; from < requests.size(); ) {
      int size = requests.size();
      int to = from + batches.fitting(requests.subList(from, size), tokens.subList(from, size));
      results.addAll(batch(requests.subList(from, to), tokens.subList(from, to)));
      from = to;
    }
    return results;
  }

  private List<List<GeneratedText>> batch(List<GenerationRequest> requests, List<int[]> tokens) {
    Clock clock = new Clock();
    List<Prompt> prompts = prompts(requests, tokens, clock);
    try (DecodingLoop loop =
        DecodingLoop.start(model.language(), config.text(), prompts, tokenizer::decodeRaw)) {
      boolean more = clock.time(3, loop::step);
      clock.time(4, () -> finish(loop, more));
      List<List<GeneratedText>> results = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        GenerationOptions options = requests.get(i).options();
        results.add(
            loop.results().get(i).stream().map(s -> result(s, options, clock.timings())).toList());
      }
      return results;
    }
  }

  /**
   * Starts a text that is pulled token by token; the picture is encoded at once.
   *
   * @param whenClosed is run when the generation is closed
   */
  Generation stream(GenerationRequest request, Runnable whenClosed) {
    GenerationOptions options = request.options();
    if (options.numBeams() > 1 || options.numReturnSequences() > 1) {
      throw new IllegalArgumentException(
          "num_beams (%d) and num_return_sequences (%d) must be 1 to stream"
              .formatted(options.numBeams(), options.numReturnSequences()));
    }
    Clock clock = new Clock();
    List<int[]> tokens = List.of(tokens(request.prompt()));
    List<Prompt> prompts = prompts(List.of(request), tokens, clock);
    DecodingLoop loop =
        DecodingLoop.start(model.language(), config.text(), prompts, tokenizer::decodeRaw);
    long started = System.nanoTime();
    TextAssembler text =
        new TextAssembler(
            tokenizer::decodeRaw,
            whole -> Tokenizer.strip(cut(whole, options.stopStrings())),
            options.stopStrings());
    return new Generation(
        loop,
        text,
        () -> {
          clock.spent(4, System.nanoTime() - started);
          return result(loop.results().get(0).get(0), options, clock.timings());
        },
        whenClosed);
  }

  private static boolean finish(DecodingLoop loop, boolean more) {
    boolean going = more;
    while (going) {
      going = loop.step();
    }
    return true;
  }

  private List<Prompt> prompts(List<GenerationRequest> requests, List<int[]> tokens, Clock clock) {
    float[] pixels = clock.time(0, () -> pixels(requests));
    float[] patches = clock.time(1, () -> model.vision().encode(pixels, requests.size()));
    QFormer.Output read = clock.time(2, () -> model.qformer().encode(patches, requests.size()));
    int size = config.qformer().queries() * config.text().hiddenSize();
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      float[] features = Arrays.copyOfRange(read.projected(), i * size, (i + 1) * size);
      int[] prompt = tokens.get(i);
      prompts.add(new Prompt(features, prompt, config.history(prompt), requests.get(i).options()));
    }
    return prompts;
  }

  private int[] tokens(@Nullable String prompt) {
    return prompt == null ? new int[] {config.text().startToken()} : tokenizer.encode(prompt);
  }

  private float[] pixels(List<GenerationRequest> requests) {
    int size = config.vision().pixels();
    float[] pixels = new float[Math.multiplyExact(size, requests.size())];
    for (int i = 0; i < requests.size(); i++) {
      float[] one = processor.process(reader.read(requests.get(i).image(), imageOptions));
      System.arraycopy(one, 0, pixels, i * size, size);
    }
    return pixels;
  }

  private GeneratedText result(Sequence sequence, GenerationOptions options, StageTimings timings) {
    return new GeneratedText(
        Tokenizer.strip(cut(tokenizer.decodeRaw(sequence.ids()), options.stopStrings())),
        sequence.ids(),
        sequence.finish().orElse(FinishReason.LENGTH),
        sequence.score(),
        sequence.logProbabilities(),
        options.topLogProbabilities() == 0 ? List.of() : sequence.alternatives(),
        timings);
  }

  /** The text before the first stop string that is in it. */
  static String cut(String text, List<String> stopStrings) {
    int end = text.length();
    for (String stop : stopStrings) {
      int at = text.indexOf(stop);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    return text.substring(0, end);
  }

  /** Wall-clock time by stage. */
  private static final class Clock {
    private final Duration[] spent = {
      Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO
    };

    <R> R time(int stage, Supplier<R> work) {
      long start = System.nanoTime();
      R result = work.get();
      spent[stage] = Duration.ofNanos(System.nanoTime() - start);
      return result;
    }

    void spent(int stage, long nanos) {
      spent[stage] = Duration.ofNanos(nanos);
    }

    StageTimings timings() {
      return new StageTimings(spent[0], spent[1], spent[2], spent[3], spent[4]);
    }
  }
}
