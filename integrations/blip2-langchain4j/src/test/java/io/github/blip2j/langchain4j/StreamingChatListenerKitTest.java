package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import org.junit.jupiter.api.AfterEach;

/** LangChain4j's own tests of what listeners are told by a streaming chat model. */
class StreamingChatListenerKitTest extends AbstractStreamingChatModelListenerIT {
  private final KitModels<Blip2StreamingChatModel> kit =
      new KitModels<>(Blip2StreamingChatModel::builder);

  @AfterEach
  void close() {
    kit.close();
  }

  @Override
  protected Blip2StreamingChatModel createModel(ChatModelListener listener) {
    return kit.heardBy(listener, temperature(), topP(), maxTokens());
  }

  @Override
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
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
