package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.github.blip2j.langchain4j.spi.Blip2StreamingChatModelBuilderFactory;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Chats about an image and hands the answer out while it is written; messages, parameters and
 * errors are those of {@link Blip2ChatModel}.
 *
 * <p>What a request asks for in vain is refused at once; everything else happens in one thread of
 * the {@linkplain Blip2ChatModelBuilder#executor executor}, all calls of the handler too. What the
 * handler throws is handed to its {@code onError} and the text goes on. A handle that is cancelled
 * ends the text after the token under way; then nothing more is called.
 */
public final class Blip2StreamingChatModel implements StreamingChatModel {
  private final ChatSettings settings;

  Blip2StreamingChatModel(ChatSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts to describe a model.
   *
   * @return a builder, from the first {@link Blip2StreamingChatModelBuilderFactory} if there is one
   */
  public static Blip2ChatModelBuilder<Blip2StreamingChatModel> builder() {
    return ServiceLoader.load(Blip2StreamingChatModelBuilderFactory.class)
        .findFirst()
        .map(Blip2StreamingChatModelBuilderFactory::get)
        .orElseGet(() -> new Blip2ChatModelBuilder<>(Blip2StreamingChatModel::new));
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    ChatCall call = ChatCall.of(request, settings);
    settings.executor().execute(() -> new ChatStream(call, handler).run());
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
