package io.github.blip2j.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.github.blip2j.langchain4j.spi.Blip2ChatModelBuilderFactory;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Chats about an image. Messages become BLIP-2's form: the system's words stand in front of the
 * question, earlier turns in front of that, in the {@linkplain Blip2ChatModelBuilder#template
 * template}. An image alone asks for a caption. Safe for many threads while its {@code Blip2} is
 * open.
 *
 * <p>What the model has not got is refused by name with {@link UnsupportedFeatureException}: tools,
 * JSON, penalties, other models' names, several images, sound. A request that cannot be served, as
 * with an image that cannot be read or a prompt that is too long, throws {@link
 * InvalidRequestException}, and one too many {@link RateLimitException}, each with the library's
 * exception as its cause; a failed engine's exception comes as it is.
 */
public final class Blip2ChatModel implements ChatModel {
  private final ChatSettings settings;

  Blip2ChatModel(ChatSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts to describe a model.
   *
   * @return a builder, from the first {@link Blip2ChatModelBuilderFactory} if there is one
   */
  public static Blip2ChatModelBuilder<Blip2ChatModel> builder() {
    return ServiceLoader.load(Blip2ChatModelBuilderFactory.class)
        .findFirst()
        .map(Blip2ChatModelBuilderFactory::get)
        .orElseGet(() -> new Blip2ChatModelBuilder<>(Blip2ChatModel::new));
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    ChatCall call = ChatCall.of(request, settings);
    return Failures.mapped(call::answer);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return settings.parameters();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return settings.listeners();
  }
}
