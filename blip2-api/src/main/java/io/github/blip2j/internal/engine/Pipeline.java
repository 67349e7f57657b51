package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.Patience;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.internal.decoding.TextAssembler;
import io.github.blip2j.internal.decoding.TextStart;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.text.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From images and prompts to texts: encode, read, decode. Borrows the model and the tokenizer; safe
 * for many threads.
 */
final class Pipeline implements AutoCloseable {
  private final ModelConfig config;
  private final ImageEncoder encoder;
  private final ImageReading images;
  private final PromptReader prompts;
  private final Tokenizer tokenizer;
  private final TextStarts starts;
  private final BatchSize batches;
  private final Borrowers borrowers = new Borrowers();

  private final Admission admission;

  Pipeline(ImageEncoder encoder, ImageReading images, PromptReader prompts, TextStarts starts) {
    this.config = encoder.config();
    this.encoder = encoder;
    this.images = images;
    this.prompts = prompts;
    this.tokenizer = prompts.text();
    this.starts = starts;
    this.batches = new BatchSize(config, encoder.concurrency().maxRows());
    this.admission = encoder.concurrency().admission(listener(), borrowers::closeForgotten);
  }

  /** Who may come: every call that writes begins with it, and says when it has ended. */
  Admission admission() {
    return admission;
  }

  /** Texts under way and conversations. */
  Borrowers borrowers() {
    return borrowers;
  }

  /** A clock for one call. */
  StageClock clock() {
    return encoder.clock();
  }

  private InferenceListener listener() {
    return encoder.listener();
  }

  /** What its call has waited before its first token counts as a text's time. */
  private void began(DecodingLoop loop, CallPatience patience) {
    loop.waited(patience.waited());
    if (encoder.concurrency().isOn()) {
      listener().queued(Duration.ofNanos(patience.waited()));
    }
  }

  DraftStatistics draftStatistics() {
    return starts.model().statistics();
  }

  CacheStatistics prefixStatistics() {
    return starts.statistics();
  }

  /**
   * Texts for all requests, in their order; for each as many as its options ask for, best first. As
   * many requests as fit are computed together.
   */
  List<List<GeneratedText>> generate(List<GenerationRequest> asked) {
    List<Asked> requests = new ArrayList<>();
    for (GenerationRequest request : asked) { // one that cannot be is refused before any work
      requests.add(asked(request));
    }
    List<List<GeneratedText>> results = new ArrayList<>();
    Map<ImageInput, EncodedImage> encoded = new HashMap<>(); // of the batch before
    for (int from = 0; from < requests.size(); ) {
      if (Thread.currentThread().isInterrupted()) {
        results.addAll(unwritten(requests.subList(from, requests.size()), FinishReason.CANCELLED));
        return results;
      }
      int to = from + batches.fitting(requests.subList(from, requests.size()));
      results.addAll(batch(requests.subList(from, to), encoded));
      from = to;
    }
    return results;
  }

  private Asked asked(GenerationRequest request) {
    PromptTokens prompt = prompts.tokens(request.prompt()).requireReadable();
    int features = imageTokens(request.image());
    int positions = config.text().promptPositions(features, prompt.text().length);
    DecodingLoop.requireRoom(config.text(), positions);
    GenerationOptions options = Lengths.behind(request.options(), positions);
    batches.requireMemory(options, features, prompt.text().length);
    GenerationRequest counted = new GenerationRequest(request.image(), request.prompt(), options);
    return new Asked(counted, prompt, features);
  }

  /** Texts of requests that ended before any work. */
  private List<List<GeneratedText>> unwritten(List<Asked> requests, FinishReason reason) {
    return requests.stream()
        .map(r -> Stream.generate(() -> unwritten(reason)).limit(r.options().numReturnSequences()))
        .map(Stream::toList)
        .toList();
  }

  /** A text that ended before its first token was computed. */
  GeneratedText unwritten(FinishReason reason) {
    StageTimings none = clock().timings();
    GeneratedText text = new GeneratedText("", List.of(), reason, 0, List.of(), List.of(), none);
    listener().wrote(text);
    return text;
  }

  /** One that is pulled all the same. */
  TextUnderWay unwritten(FinishReason reason, Ending ending) {
    TextAssembler nothing = new TextAssembler(tokenizer::decodeRaw, cleaner(List.of()), List.of());
    return pulled(null, nothing, () -> unwritten(reason), ending);
  }

  private List<List<GeneratedText>> batch(
      List<Asked> requests, Map<ImageInput, EncodedImage> encoded) {
    StageClock clock = clock();
    CallPatience patience = new CallPatience(requests.stream().map(Asked::options).toList());
    List<PromptTokens> asked = requests.stream().map(Asked::prompt).toList();
    List<ReadImage> read;
    try {
      read = images.read(encode(requests, encoded, clock, patience), asked, clock, patience);
    } catch (Turns.GivenUp e) {
      return unwritten(requests, patience.reason());
    }
    try (DecodingLoop loop = start(requests, read, clock, ModelStage.PREFILL)) {
      began(loop, patience);
      boolean more = clock.time(ModelStage.PREFILL, loop::step);
      clock.time(ModelStage.DECODE, () -> finish(loop, more));
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
   * Encodes each image once, however many requests are about it.
   *
   * @param known images of the batch before; afterwards those of this one
   */
  private List<EncodedImage> encode(
      List<Asked> requests,
      Map<ImageInput, EncodedImage> known,
      StageClock clock,
      Patience patience) {
    List<ImageInput> open =
        requests.stream().map(Asked::image).distinct().filter(i -> !known.containsKey(i)).toList();
    List<EncodedImage> fresh = encoder.encode(open, clock, patience);
    for (int i = 0; i < open.size(); i++) {
      known.put(open.get(i), fresh.get(i));
    }
    List<EncodedImage> images =
        requests.stream().map(r -> Objects.requireNonNull(known.get(r.image()))).toList();
    known.keySet().retainAll(requests.stream().map(Asked::image).toList());
    return images;
  }

  private DecodingLoop start(
      List<Asked> requests, List<ReadImage> read, StageClock clock, ModelStage stage) {
    List<int[]> tokens = requests.stream().map(r -> r.prompt().text()).toList();
    List<Prompt> all = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      all.add(prompt(read.get(i), tokens.get(i), requests.get(i).options()));
    }
    boolean again = requests.stream().allMatch(r -> comesAgain(r.image()));
    int capacity = DecodingLoop.capacity(config.text(), all);
    TextStart start =
        clock.open(stage, () -> starts.start(read, tokens, again, capacity), TextStart::close);
    return loop(start, all);
  }

  /** Whether an image may come again: it is held by whoever asks, or recognised. */
  boolean comesAgain(ImageInput image) {
    return encoder.remembers() || image instanceof EncodedImage;
  }

  Prompt prompt(ReadImage image, int[] tokens, GenerationOptions options) {
    encoder.requireUnchangedFiles();
    int features = image.features().length / config.text().hiddenSize();
    int positions = config.text().promptPositions(features, tokens.length);
    return new Prompt(
        image.features(),
        tokens,
        config.history(features, tokens),
        Lengths.behind(options, positions));
  }

  /** Scores candidates that follow a prompt about an image. */
  List<WritingHead.Scored> score(
      ImageInput image, @Nullable String prompt, List<String> candidates, boolean endToken) {
    encoder.requireUnchangedFiles();
    TextConfig text = config.text();
    PromptTokens asked = prompts.tokens(prompt).requireReadable();
    int[] ids = asked.text();
    int start = text.promptPositions(imageTokens(image), ids.length);
    DecodingLoop.requireRoom(text, start);
    Function<String, int[]> reader = answers(prompts.meant(prompt));
    List<int[]> tokens = candidates.stream().map(c -> candidate(reader, c, endToken)).toList();
    int longest = tokens.stream().mapToInt(t -> t.length).max().orElse(0);
    DecodingLoop.requireRoom(text, start + longest - 1);
    Interrupts.check("ranking");
    StageClock clock = clock();
    EncodedImage encoded = encoder.encode(List.of(image), clock).get(0);
    ReadImage read = images.read(encoded, asked, clock);
    float[] logits = new float[text.vocabularySize()];
    try (TextStart begun = starts.start(List.of(read), List.of(ids), comesAgain(image), start)) {
      begun.finish(logits);
      int rows = batches.rows(3 * (start + longest)); // three depths of the tree may be open
      double[] sums = begun.session().score(logits, tokens, rows);
      List<WritingHead.Scored> scored = new ArrayList<>();
      for (int i = 0; i < sums.length; i++) {
        scored.add(new WritingHead.Scored(Arrays.stream(tokens.get(i)).boxed().toList(), sums[i]));
      }
      return scored;
    }
  }

  /** How answers to a prompt are read; a decoder's go on from it. */
  private Function<String, int[]> answers(@Nullable String prompt) {
    return prompt == null || config.text().encoderDecoder()
        ? tokenizer::encodePlain
        : tokenizer.behind(prompt);
  }

  private int[] candidate(Function<String, int[]> reader, String candidate, boolean endToken) {
    int[] ids = reader.apply(candidate);
    if (endToken) {
      ids = Arrays.copyOf(ids, ids.length + 1);
      ids[ids.length - 1] = config.text().endTokens().get(0);
    }
    if (ids.length == 0) {
      throw new IllegalArgumentException(
          "candidate (" + candidate + ") must have a token, but has none");
    }
    return ids;
  }

  /**
   * Starts one prompt.
   *
   * @param again whether the image may come again, in another text or conversation
   */
  TextStart begin(ReadImage image, int[] ids, boolean again, int capacity) {
    return starts.start(List.of(image), List.of(ids), again, capacity);
  }

  /** A loop that goes on from a start, which it closes. */
  DecodingLoop loop(TextStart start, List<Prompt> all) {
    return DecodingLoop.of(start, config.text(), all, tokenizer::decodeRaw);
  }

  /** From encoded images and prompts to image features. */
  ImageReading images() {
    return images;
  }

  TextConfig text() {
    return config.text();
  }

  /**
   * Vectors of an image, or of several, in front of the text.
   *
   * @throws IllegalArgumentException if this checkpoint does not take several
   */
  int imageTokens(ImageInput image) {
    return encoder.count(image) * config.qformer().queries();
  }

  /** Starts a text that is pulled token by token; the image is encoded at once. */
  TextUnderWay stream(GenerationRequest request) {
    requireOneRow(request.options());
    StageClock clock = clock();
    PromptTokens prompt = prompts.tokens(request.prompt()).requireReadable();
    Asked asked = new Asked(request, prompt, imageTokens(request.image()));
    CallPatience patience = new CallPatience(List.of(request.options()));
    Ending ending = new Ending(text -> {}, admission::leave);
    List<ReadImage> read;
    try {
      List<EncodedImage> found = encoder.encode(List.of(request.image()), clock, patience);
      read = images.read(found, List.of(prompt), clock, patience);
    } catch (Turns.GivenUp e) {
      return unwritten(patience.reason(), ending);
    }
    DecodingLoop loop = start(List.of(asked), read, clock, ModelStage.DECODE);
    try {
      began(loop, patience);
      return text(loop, request.options(), clock, ending);
    } catch (RuntimeException | Error e) {
      loop.close();
      throw e;
    }
  }

  /**
   * What happens as a text that is pulled ends.
   *
   * @param done is given the whole text when it has ended
   * @param closed is run when its loop has been closed
   */
  record Ending(Consumer<GeneratedText> done, Runnable closed) {}

  /**
   * Only one text at a time can be pulled.
   *
   * @throws IllegalArgumentException if the options ask for more
   */
  static void requireOneRow(GenerationOptions options) {
    if (options.numBeams() > 1 || options.numReturnSequences() > 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "num_beams (%d) and num_return_sequences (%d) must be 1 to stream",
              options.numBeams(),
              options.numReturnSequences()));
    }
  }

  /** A loop as a text that is pulled; it closes the loop, which has its own way to end. */
  TextUnderWay text(DecodingLoop loop, GenerationOptions options, StageClock clock, Ending ending) {
    long started = System.nanoTime();
    TextAssembler text =
        new TextAssembler(
            tokenizer::decodeRaw, cleaner(options.stopStrings()), options.stopStrings());
    return pulled(
        loop,
        text,
        () -> {
          clock.spent(ModelStage.DECODE, System.nanoTime() - started);
          return result(loop.results().get(0).get(0), options, clock.timings());
        },
        ending);
  }

  private TextUnderWay pulled(
      @Nullable DecodingLoop loop,
      TextAssembler text,
      Supplier<GeneratedText> result,
      Ending ending) {
    return new TextUnderWay(
        loop,
        text,
        () -> {
          GeneratedText whole = result.get();
          ending.done().accept(whole);
          return whole;
        },
        ending.closed(),
        borrowers);
  }

  /**
   * Refuses rows that there is no memory for.
   *
   * @throws IllegalArgumentException with what they would take
   */
  void requireMemory(GenerationOptions options, int features, int promptTokens) {
    batches.requireMemory(options, features, promptTokens);
  }

  private TextAssembler.TextCleaner cleaner(List<String> stopStrings) {
    return new TextAssembler.TextCleaner() {
      @Override
      public String clean(String text) {
        return tokenizer.tidy(cut(text, stopStrings));
      }

      @Override
      public int settled(String text, int end) {
        return tokenizer.settled(text, end);
      }

      @Override
      public int settledTokens(List<Integer> ids) {
        return tokenizer.settled(ids);
      }
    };
  }

  /** Steps until every text has ended. */
  static boolean finish(DecodingLoop loop, boolean more) {
    boolean going = more;
    while (going) {
      going = loop.step();
    }
    return true;
  }

  /** Ids of a prompt, or those of none. */
  PromptTokens tokens(@Nullable String prompt) {
    return prompts.tokens(prompt);
  }

  GeneratedText result(Sequence sequence, GenerationOptions options, StageTimings timings) {
    GeneratedText text =
        new GeneratedText(
            tokenizer.tidy(cut(tokenizer.decodeRaw(sequence.ids()), options.stopStrings())),
            sequence.ids(),
            sequence.finish().orElse(FinishReason.LENGTH),
            sequence.score(),
            sequence.logProbabilities(),
            options.topLogProbabilities() == 0 ? List.of() : sequence.alternatives(),
            timings);
    listener().wrote(text);
    return text;
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

  /** Releases what it keeps; behind all borrowers. */
  @Override
  public void close() {
    starts.close();
  }
}
