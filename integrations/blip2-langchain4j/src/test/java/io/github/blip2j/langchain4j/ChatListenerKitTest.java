package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** LangChain4j's own tests of what listeners are told by a chat model. */
class ChatListenerKitTest extends AbstractChatModelListenerIT {
  private final Script script = new Script();

  @AfterEach
  void close() {
    script.close();
  }

  @Override
  protected ChatModel createModel(ChatModelListener listener) {
    return script
        .always(Blip2ChatModel.builder())
        .modelName(modelName())
        .defaultRequestParameters(
            ChatRequestParameters.builder()
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .build())
        .listeners(List.of(listener))
        .build();
  }

  @Override
  protected ChatModel createFailingModel(ChatModelListener listener) {
    ChatModel model = createModel(listener);
    script.close();
    return model;
  }

  @Override
  protected String modelName() {
    return "tiny-opt";
  }

  @Override
  protected Class<? extends Exception> expectedExceptionClass() {
    return IllegalStateException.class;
  }

  @Override
  protected boolean supportsTools() {
    return false;
  }
}
