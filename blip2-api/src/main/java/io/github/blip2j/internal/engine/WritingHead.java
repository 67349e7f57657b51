package io.github.blip2j.internal.engine;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.files.Weights;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes about images: the entry points of the tasks that generate text. Each is a call that
 * closing the engine waits for. Safe for many threads.
 */
public final class WritingHead implements Head {
  private final OpenCalls calls;
  private final ImageEncoder encoder;
  private final Pipeline pipeline;

  WritingHead(OpenCalls calls, ImageEncoder encoder, Pipeline pipeline) {
    this.calls = calls;
    this.encoder = encoder;
    this.pipeline = pipeline;
  }

  /** Texts for all requests, in their order; for each as many as its options ask for. */
  public List<List<GeneratedText>> generate(List<GenerationRequest> requests) {
    return calls.during(() -> pipeline.admission().during(() -> pipeline.generate(requests)));
  }

  /**
   * Starts a text that is pulled token by token; the image is encoded at once.
   *
   * @param holder makes what the user is given of it
   */
  public <R> R stream(GenerationRequest request, Function<TextUnderWay, R> holder) {
    return calls.during(
        () -> holder.apply(pipeline.admission().begin(() -> pipeline.stream(request))));
  }

  /**
   * A candidate's likelihood.
   *
   * @param tokens of the candidate
   * @param logProbability sum over them
   */
  public record Scored(List<Integer> tokens, double logProbability) {}

  /**
   * Scores candidates that follow a prompt about an image.
   *
   * @param endToken whether the end token counts as a candidate's last
   */
  public List<Scored> score(
      ImageInput image, @Nullable String prompt, List<String> candidates, boolean endToken) {
    return calls.during(() -> pipeline.score(image, prompt, candidates, endToken));
  }

  /**
   * Starts a conversation about an image.
   *
   * @param holder makes what the user is given of it
   */
  public <R> R chat(ImageInput image, ChatOptions options, Function<Conversation, R> holder) {
    return calls.during(
        () -> {
          EncodedImage encoded = encoder.encode(image);
          ChatContext context = new ChatContext(pipeline, encoded, pipeline.comesAgain(image));
          return holder.apply(new Conversation(calls, pipeline, context, options, List.of()));
        });
  }

  /**
   * Takes up a conversation from a file.
   *
   * @param generation how answers are generated from now on
   * @param holder makes what the user is given of it
   */
  public <R> R restore(Path file, GenerationOptions generation, Function<Conversation, R> holder) {
    SavedChat saved = SavedChat.read(file, Weights.metadata(file));
    EncodedImage image = EncodedImage.load(file);
    return calls.during(
        () -> {
          EncodedImage encoded = encoder.encode(image); // checks that it is of this checkpoint
          ChatContext context = new ChatContext(pipeline, encoded, pipeline.comesAgain(encoded));
          return holder.apply(
              new Conversation(calls, pipeline, context, saved.options(generation), saved.turns()));
        });
  }

  /** Tokens that a text begins with, as LAVIS counts them: of a decoder the prompt's. */
  public int begun(@Nullable String prompt) {
    return calls.during(
        () -> pipeline.text().encoderDecoder() ? 1 : pipeline.tokens(prompt).text().length);
  }

  /** Vectors of an image in front of a text. */
  public int imageTokens(ImageInput image) {
    return calls.during(() -> pipeline.imageTokens(image));
  }

  /** Vectors of an image, and tokens of a prompt or of what none means. */
  public int inputTokens(ImageInput image, @Nullable String prompt) {
    return calls.during(() -> pipeline.imageTokens(image) + pipeline.tokens(prompt).text().length);
  }

  public CacheStatistics prefixStatistics() {
    return pipeline.prefixStatistics();
  }

  public DraftStatistics draftStatistics() {
    return pipeline.draftStatistics();
  }

  /** Texts under way and conversations that have not been closed. */
  public int open() {
    return pipeline.borrowers().count();
  }

  /** Whether the current thread is inside one of them. */
  boolean isUsedHere() {
    return pipeline.borrowers().isUsedHere();
  }

  /** Closes texts under way and conversations, after the tokens under way. */
  void endTexts() {
    pipeline.borrowers().close();
  }

  /** Releases what it keeps; behind all texts. */
  @Override
  public void close() {
    pipeline.close();
  }
}
