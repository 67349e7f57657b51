package io.github.blip2j.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.github.blip2j.Blip2;
import io.github.blip2j.chat.ChatTemplate;
import io.github.blip2j.core.Capability;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.image.ImageInput;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Describes a chat model, streaming or not. For one thread.
 *
 * @param <M> the model
 */
public final class Blip2ChatModelBuilder<M> {
  /** Most tokens of an answer unless something says more; captions and answers are shorter. */
  private static final int DEFAULT_TOKENS = 64;

  private final Function<ChatSettings, M> maker;
  private @Nullable Blip2 blip2;
  private String modelName = "blip2";
  private ChatRequestParameters parameters = DefaultChatRequestParameters.EMPTY;
  private GenerationOptions generation =
      GenerationOptions.defaults().withMaxNewTokens(DEFAULT_TOKENS);
  private ChatTemplate template = ChatTemplate.BLOG;
  private ImageAddresses addresses = ImageAddresses.dataOnly();
  private @Nullable ImageInput image;
  private List<ChatModelListener> listeners = List.of();
  private Executor executor = Blip2ChatModelBuilder::inThreadOfItsOwn;

  Blip2ChatModelBuilder(Function<ChatSettings, M> maker) {
    this.maker = maker;
  }

  private static void inThreadOfItsOwn(Runnable stream) {
    Thread thread = new Thread(stream, "blip2-stream");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Names the loaded model; required. An {@code imageCache} of it saves encoding an image again
   * with every message about it.
   *
   * @param loaded one that writes text; the caller closes it, after the last request
   * @return this
   */
  public Blip2ChatModelBuilder<M> blip2(Blip2 loaded) {
    this.blip2 = loaded;
    return this;
  }

  /**
   * Sets the name in requests and responses; {@code blip2} by default. A request for another is
   * refused.
   *
   * @param name such as {@code blip2-opt-2.7b}
   * @return this
   */
  public Blip2ChatModelBuilder<M> modelName(String name) {
    this.modelName = name;
    return this;
  }

  /**
   * Sets the parameters of requests that do not say otherwise. Temperature, top P, top K, most
   * output tokens and stop sequences are meant as usual: without a temperature, or with 0, the
   * likeliest token is taken each time.
   *
   * @param defaults of requests
   * @return this
   */
  public Blip2ChatModelBuilder<M> defaultRequestParameters(ChatRequestParameters defaults) {
    this.parameters = defaults;
    return this;
  }

  /**
   * Sets how texts are generated where no parameter speaks: beams, penalties, seed, time. By
   * default greedily, at most 64 tokens.
   *
   * @param options one text a request; a streaming model has no beams
   * @return this
   */
  public Blip2ChatModelBuilder<M> generation(GenerationOptions options) {
    this.generation = options;
    return this;
  }

  /**
   * Sets how turns become a prompt; {@link ChatTemplate#BLOG} by default.
   *
   * @param chosen the template
   * @return this
   */
  public Blip2ChatModelBuilder<M> template(ChatTemplate chosen) {
    this.template = chosen;
    return this;
  }

  /**
   * Sets which addresses of images are followed; by default only {@code data:} URIs.
   *
   * @param allowed which
   * @return this
   */
  public Blip2ChatModelBuilder<M> imageAddresses(ImageAddresses allowed) {
    this.addresses = allowed;
    return this;
  }

  /**
   * Sets the image of requests that bring none, as with a service about one image. Without it such
   * requests are refused: BLIP-2 has nothing to say without an image.
   *
   * @param always the image
   * @return this
   */
  public Blip2ChatModelBuilder<M> image(ImageInput always) {
    this.image = always;
    return this;
  }

  /**
   * Sets who is told of requests, responses and errors.
   *
   * @param told in this order
   * @return this
   */
  public Blip2ChatModelBuilder<M> listeners(List<ChatModelListener> told) {
    this.listeners = List.copyOf(told);
    return this;
  }

  /**
   * Sets where streams are written; by default each in a daemon thread of its own. As many go on as
   * texts may be under way ({@code Blip2Builder.concurrency}): one more is refused as its thread
   * begins, before anything is computed, and without that setting nothing bounds their number. Of
   * no use to a model that does not stream.
   *
   * @param chosen runs one task a stream, which ends with it; what it throws if it takes no more is
   *     thrown by {@code chat}
   * @return this
   */
  public Blip2ChatModelBuilder<M> executor(Executor chosen) {
    this.executor = chosen;
    return this;
  }

  /**
   * Makes the model.
   *
   * @return the model, which borrows the {@code Blip2}
   * @throws IllegalStateException if no {@code Blip2} was named
   * @throws IllegalArgumentException if it writes no text, or the options ask for several texts
   * @throws UnsupportedFeatureException if the default parameters have what the model has not
   */
  public M build() {
    Blip2 model = blip2;
    if (model == null) {
      throw new IllegalStateException("blip2 must be named before build()");
    }
    if (!model.capabilities().contains(Capability.GENERATE)) {
      throw new IllegalArgumentException(
          "blip2: expected a model that writes text, found " + model.capabilities());
    }
    if (generation.numReturnSequences() > 1) {
      throw new IllegalArgumentException(
          "generation: expected one text, found " + generation.numReturnSequences());
    }
    ChatParameters.requireSupported(parameters, modelName);
    ChatRequestParameters named =
        ChatRequestParameters.builder().modelName(modelName).build().overrideWith(parameters);
    return maker.apply(
        new ChatSettings(
            model, modelName, named, generation, template, addresses, image, listeners, executor));
  }
}
