package io.github.blip2j.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** LangChain4j's own tests of what listeners are told by a streaming chat model. */
class StreamingChatListenerKitTest extends AbstractStreamingChatModelListenerIT {
  private final Script script = new Script();

  @AfterEach
  void close() {
    script.close();
  }

  @Override
  protected StreamingChatModel createModel(ChatModelListener listener) {
    return script
        .always(Blip2StreamingChatModel.builder())
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
  protected StreamingChatModel createFailingModel(ChatModelListener listener) {
    StreamingChatModel model = createModel(listener);
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
