package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.junit.jupiter.api.AfterEach;

/** LangChain4j's own tests of what listeners are told by a chat model. */
class ChatListenerKitTest extends AbstractChatModelListenerIT {
  private final KitModels<Blip2ChatModel> kit = new KitModels<>(Blip2ChatModel::builder);

  @AfterEach
  void close() {
    kit.close();
  }

  @Override
  protected Blip2ChatModel createModel(ChatModelListener listener) {
    return kit.heardBy(listener, temperature(), topP(), maxTokens());
  }

  @Override
  protected ChatModel createFailingModel(ChatModelListener listener) {
    return kit.failing(createModel(listener));
  }

  @Override
  protected String modelName() {
    return KitModels.NAME;
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
